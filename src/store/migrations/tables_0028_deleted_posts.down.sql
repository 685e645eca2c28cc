DROP INDEX posts_deleted;
