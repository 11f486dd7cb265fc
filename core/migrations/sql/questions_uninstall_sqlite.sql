DROP TRIGGER questionwords_of_new_question;

DROP TRIGGER questionwords_of_changed_question;

DROP TRIGGER questionwords_of_gone_question;

DROP TRIGGER questionwords_of_new_answer;

DROP TRIGGER questionwords_of_changed_answer;

DROP TRIGGER questionwords_of_gone_answer;

DROP TABLE core_questionwords;
