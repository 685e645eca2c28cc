-- Posts that ask to be left alone and could not be heeded yet: they are tried again, and hold up no other.
-- Only by the number of their row: what is erased or made anew is found no more, and nobody is named here.
CREATE TABLE waiting_opt_outs (
  row_number BIGINT NOT NULL PRIMARY KEY,
  tries BIGINT NOT NULL,
  error TEXT NOT NULL,   -- of the last try, for people
  try_at BIGINT NOT NULL
);
