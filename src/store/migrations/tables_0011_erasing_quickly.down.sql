DROP INDEX posts_replies_to;
DROP INDEX posts_reblogs;
