DROP TRIGGER questionwords_of_answer ON core_answer;

DROP TRIGGER questionwords_of_no_questions ON core_question;

DROP TRIGGER questionwords_of_question ON core_question;

DROP FUNCTION core_search_answer, core_search_question, core_search_question_index, core_search_question_document;

DROP TABLE core_questionwords;
