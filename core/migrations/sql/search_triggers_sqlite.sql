-- None of these names the other table: Django could not rebuild it then.
DROP TRIGGER IF EXISTS ticketwords_of_new_ticket;

CREATE TRIGGER ticketwords_of_new_ticket AFTER INSERT ON core_ticket BEGIN
    INSERT INTO core_ticketwords (rowid, number, title, description, comments, internal)
    VALUES (new.id, printf('INC-%06d %d INC%06d', new.id, new.id, new.id), new.title, new.description, '', '');
END;

DROP TRIGGER IF EXISTS ticketwords_of_changed_ticket;

CREATE TRIGGER ticketwords_of_changed_ticket AFTER UPDATE OF title, description ON core_ticket BEGIN
    UPDATE core_ticketwords SET title = new.title, description = new.description WHERE rowid = new.id;
END;

DROP TRIGGER IF EXISTS ticketwords_of_gone_ticket;

CREATE TRIGGER ticketwords_of_gone_ticket AFTER DELETE ON core_ticket BEGIN
    DELETE FROM core_ticketwords WHERE rowid = old.id;
END;

DROP TRIGGER IF EXISTS ticketwords_of_new_comment;

CREATE TRIGGER ticketwords_of_new_comment AFTER INSERT ON core_comment BEGIN
    UPDATE core_ticketwords SET
        comments = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = new.ticket_id AND NOT is_internal ORDER BY id DESC LIMIT 100)),
        internal = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = new.ticket_id AND is_internal ORDER BY id DESC LIMIT 100))
    WHERE rowid = new.ticket_id;
END;

DROP TRIGGER IF EXISTS ticketwords_of_changed_comment;

CREATE TRIGGER ticketwords_of_changed_comment AFTER UPDATE OF body, is_internal ON core_comment BEGIN
    UPDATE core_ticketwords SET
        comments = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = new.ticket_id AND NOT is_internal ORDER BY id DESC LIMIT 100)),
        internal = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = new.ticket_id AND is_internal ORDER BY id DESC LIMIT 100))
    WHERE rowid = new.ticket_id;
END;

DROP TRIGGER IF EXISTS ticketwords_of_gone_comment;

CREATE TRIGGER ticketwords_of_gone_comment AFTER DELETE ON core_comment BEGIN
    UPDATE core_ticketwords SET
        comments = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = old.ticket_id AND NOT is_internal ORDER BY id DESC LIMIT 100)),
        internal = (SELECT coalesce(group_concat(body, ' '), '') FROM (
            SELECT body FROM core_comment
            WHERE ticket_id = old.ticket_id AND is_internal ORDER BY id DESC LIMIT 100))
    WHERE rowid = old.ticket_id;
END;
