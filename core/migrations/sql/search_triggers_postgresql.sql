-- Lower case, without accents. The words searched for go through it, too.
CREATE OR REPLACE FUNCTION core_search_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(normalize(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]+', '', 'g'), NFC))
$$;

-- Punctuation and symbols part words, as in FTS5: the parser would take "timeout/retry" for one word, a path.
-- Cut, since a tsvector of over 1 MB is an error.
CREATE OR REPLACE FUNCTION core_search_words(text, "char") RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector('simple', left(regexp_replace(core_search_fold($1),
        '[!-/:-@\[-`{-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u3030\ufe00-\ufe0f\U0001f000-\U0001faff]+',
        ' ', 'g'), 50000)), $2)
$$;

-- Weights: A number and title, B description, C public comments, D internal comments.
CREATE OR REPLACE FUNCTION core_search_document(core_ticket) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT core_search_words('INC INC' || lpad($1.id::text, greatest(6, length($1.id::text)), '0')
            || ' ' || lpad($1.id::text, greatest(6, length($1.id::text)), '0') || ' ' || $1.id || ' ' || $1.title, 'A')
        || core_search_words($1.description, 'B')
        || core_search_words(coalesce((SELECT string_agg(body, ' ') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = $1.id AND NOT is_internal ORDER BY id DESC LIMIT 100) AS newest), ''), 'C')
        || core_search_words(coalesce((SELECT string_agg(body, ' ') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = $1.id AND is_internal ORDER BY id DESC LIMIT 100) AS newest), ''), 'D')
$$;

CREATE OR REPLACE FUNCTION core_search_index(bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO core_ticketwords SELECT id, core_search_document(t) FROM core_ticket t WHERE id = $1
    ON CONFLICT (rowid) DO UPDATE SET core_ticketwords = excluded.core_ticketwords
$$;

-- The path is named, since pg_restore empties it.
CREATE OR REPLACE FUNCTION core_search_ticket() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN TRUNCATE core_ticketwords;
    ELSIF TG_OP = 'DELETE' THEN DELETE FROM core_ticketwords WHERE rowid = old.id;
    ELSE PERFORM core_search_index(new.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION core_search_comment() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM core_search_index(coalesce(new.ticket_id, old.ticket_id));
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER ticketwords_of_ticket
AFTER INSERT OR DELETE OR UPDATE OF title, description ON core_ticket
FOR EACH ROW EXECUTE FUNCTION core_search_ticket();

CREATE OR REPLACE TRIGGER ticketwords_of_no_tickets
AFTER TRUNCATE ON core_ticket FOR EACH STATEMENT EXECUTE FUNCTION core_search_ticket();

CREATE OR REPLACE TRIGGER ticketwords_of_comment
AFTER INSERT OR DELETE OR UPDATE OF body, is_internal ON core_comment
FOR EACH ROW EXECUTE FUNCTION core_search_comment();
