-- As the words of tickets: a table of its own, which votes do not touch.
CREATE TABLE IF NOT EXISTS core_questionwords (rowid bigint PRIMARY KEY, core_questionwords tsvector NOT NULL);

CREATE INDEX IF NOT EXISTS questionwords_by_word ON core_questionwords USING gin (core_questionwords);
