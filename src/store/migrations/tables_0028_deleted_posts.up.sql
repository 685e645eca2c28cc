-- Posts in a span are counted without reading them: those that are there less those that were deleted.
CREATE INDEX posts_deleted ON posts (instance_id, created_at) WHERE deleted_at IS NOT NULL;
