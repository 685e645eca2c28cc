DROP INDEX platform_users_beyond_ascii;
DROP INDEX platform_users_name;
