-- AUTOINCREMENT: a cursor must never point to a number that was deleted and given again.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    zone TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (source, id)
) STRICT;
CREATE INDEX events_by_arrival ON events (site, seq);
CREATE INDEX events_by_zone ON events (site, zone, seq);
CREATE INDEX events_by_time ON events (site, time_us);
