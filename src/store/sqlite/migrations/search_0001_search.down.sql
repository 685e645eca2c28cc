DROP TABLE search_marks;
DROP TABLE post_search;
