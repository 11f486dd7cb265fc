-- A table of its own: as a column of core_ticket every change of a status would write the index, too.
-- No foreign key, so that core_ticket can be truncated; the triggers keep it.
CREATE TABLE IF NOT EXISTS core_ticketwords (rowid bigint PRIMARY KEY, core_ticketwords tsvector NOT NULL);

CREATE INDEX IF NOT EXISTS ticketwords_by_word ON core_ticketwords USING gin (core_ticketwords);
