-- What one process at a time does, of all that work on this database, and by when it has to say again that it does.
CREATE TABLE leases (
  name        {key} NOT NULL PRIMARY KEY,
  holder      TEXT NOT NULL,     -- one run of the program; empty: nobody
  token       BIGINT NOT NULL,   -- how often it was taken: tells one holding from the next
  lease_until BIGINT NOT NULL    -- by the database's clock
);
