-- Weights: A title, B body, C answers. Answers may be long: no more of them is folded than is kept.
CREATE OR REPLACE FUNCTION core_search_question_document(core_question) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT core_search_words($1.title, 'A') || core_search_words($1.body, 'B')
        || core_search_words(coalesce((SELECT left(string_agg(body, ' '), 50000) FROM (
            SELECT body FROM core_answer WHERE question_id = $1.id ORDER BY id DESC LIMIT 100) AS newest), ''), 'C')
$$;

CREATE OR REPLACE FUNCTION core_search_question_index(bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO core_questionwords SELECT id, core_search_question_document(q) FROM core_question q WHERE id = $1
    ON CONFLICT (rowid) DO UPDATE SET core_questionwords = excluded.core_questionwords
$$;

CREATE OR REPLACE FUNCTION core_search_question() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN TRUNCATE core_questionwords;
    ELSIF TG_OP = 'DELETE' THEN DELETE FROM core_questionwords WHERE rowid = old.id;
    ELSE PERFORM core_search_question_index(new.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION core_search_answer() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM core_search_question_index(coalesce(new.question_id, old.question_id));
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER questionwords_of_question
AFTER INSERT OR DELETE OR UPDATE OF title, body ON core_question
FOR EACH ROW EXECUTE FUNCTION core_search_question();

CREATE OR REPLACE TRIGGER questionwords_of_no_questions
AFTER TRUNCATE ON core_question FOR EACH STATEMENT EXECUTE FUNCTION core_search_question();

CREATE OR REPLACE TRIGGER questionwords_of_answer
AFTER INSERT OR DELETE OR UPDATE OF body ON core_answer
FOR EACH ROW EXECUTE FUNCTION core_search_answer();
