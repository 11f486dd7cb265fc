-- None of these names the other table: Django could not rebuild it then. Cut as on PostgreSQL: each answer writes all of
-- them anew.
DROP TRIGGER IF EXISTS questionwords_of_new_question;

CREATE TRIGGER questionwords_of_new_question AFTER INSERT ON core_question BEGIN
    INSERT INTO core_questionwords (rowid, title, body, answers) VALUES (new.id, new.title, new.body, '');
END;

DROP TRIGGER IF EXISTS questionwords_of_changed_question;

CREATE TRIGGER questionwords_of_changed_question AFTER UPDATE OF title, body ON core_question BEGIN
    UPDATE core_questionwords SET title = new.title, body = new.body WHERE rowid = new.id;
END;

DROP TRIGGER IF EXISTS questionwords_of_gone_question;

CREATE TRIGGER questionwords_of_gone_question AFTER DELETE ON core_question BEGIN
    DELETE FROM core_questionwords WHERE rowid = old.id;
END;

DROP TRIGGER IF EXISTS questionwords_of_new_answer;

CREATE TRIGGER questionwords_of_new_answer AFTER INSERT ON core_answer BEGIN
    UPDATE core_questionwords SET answers = (SELECT substr(coalesce(group_concat(body, ' '), ''), 1, 50000) FROM (
        SELECT body FROM core_answer WHERE question_id = new.question_id ORDER BY id DESC LIMIT 100))
    WHERE rowid = new.question_id;
END;

DROP TRIGGER IF EXISTS questionwords_of_changed_answer;

CREATE TRIGGER questionwords_of_changed_answer AFTER UPDATE OF body ON core_answer BEGIN
    UPDATE core_questionwords SET answers = (SELECT substr(coalesce(group_concat(body, ' '), ''), 1, 50000) FROM (
        SELECT body FROM core_answer WHERE question_id = new.question_id ORDER BY id DESC LIMIT 100))
    WHERE rowid = new.question_id;
END;

DROP TRIGGER IF EXISTS questionwords_of_gone_answer;

CREATE TRIGGER questionwords_of_gone_answer AFTER DELETE ON core_answer BEGIN
    UPDATE core_questionwords SET answers = (SELECT substr(coalesce(group_concat(body, ' '), ''), 1, 50000) FROM (
        SELECT body FROM core_answer WHERE question_id = old.question_id ORDER BY id DESC LIMIT 100))
    WHERE rowid = old.question_id;
END;
