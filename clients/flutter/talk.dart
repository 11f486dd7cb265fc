// Conversations, live, for notification_feed.dart: what is said, how much of it is unread, who types and who is there.
import 'dart:async';

import 'api.dart';

enum Doing { typing, present }

/// `feed.talk.who(7, Doing.typing)`; `feed.talk.messages.listen(…)`: after a reconnect fetch what you show anew.
class Talk {
  Talk(this.api, {required this.say, required this.changed});
  final Api api;
  final void Function(Map<String, dynamic> frame) say; // when there is a socket
  final void Function() changed;

  static const _lasts = {Doing.typing: Duration(seconds: 5), Doing.present: Duration(seconds: 60)};
  static const _sayAgain = Duration(seconds: 25), _sayTyping = Duration(seconds: 3); // the latter at most so often

  int unreadCount = 0; // messages
  double _countedAt = 0; // the timestamp of the count
  final _messages = StreamController<Map<String, dynamic>>.broadcast();
  Stream<Map<String, dynamic>> get messages => _messages.stream; // every frame about one, as it comes

  final Map<(Doing, int, int), (Map<String, dynamic>, Timer)> _heard = {}; // by conversation and person
  final Map<int, Timer> _inside = {}; // where we are there
  final Map<int, DateTime> _typed = {};

  List<Map<String, dynamic>> who(int conversation, Doing doing) =>
      [for (final one in _heard.entries) if (one.key.$1 == doing && one.key.$2 == conversation) one.value.$1];

  /// Be there, until `leave`.
  void enter(int conversation) {
    if (_inside.containsKey(conversation)) return;
    _inside[conversation] = Timer.periodic(_sayAgain, (_) => _here(conversation, true));
    _here(conversation, true);
  }

  void leave(int conversation) {
    final timer = _inside.remove(conversation);
    timer?.cancel();
    if (timer != null) _here(conversation, false);
  }

  /// Call it with every key.
  void type(int conversation) {
    final now = DateTime.now(), last = _typed[conversation];
    if (last != null && now.difference(last) < _sayTyping) return;
    _typed[conversation] = now;
    say({'type': 'typing', 'conversation': conversation});
  }

  void _here(int conversation, bool present) =>
      say({'type': 'presence', 'conversation': conversation, 'present': present});

  void receive(Map<String, dynamic> frame) {
    switch (frame['type']) {
      case 'hello':
        _begin();
      case 'reset':
        _countedAt = 0; // it may come from a backup
      case 'message':
        _counted(frame['unread_message_count'] as int, frame['timestamp'] as num);
        if (frame['action'] == 'posted') {
          _forget(Doing.typing, frame['conversation'] as int, frame['message']['author']['id'] as int);
        }
        _messages.add(frame);
      case 'typing':
        _keep(Doing.typing, frame);
      case 'presence' when frame['present'] as bool:
        _keep(Doing.present, frame);
      case 'presence':
        Doing.values.forEach((doing) => _forget(doing, frame['conversation'] as int, frame['user']['id'] as int));
    }
  }

  /// How much is unread; a frame may have told something newer.
  Future<void> count() async {
    for (final value in await api.call('GET', '/api/notifications/state/?since=$_countedAt') as List) {
      if (value['name'] == 'unread_message_count') _counted(value['data'] as int, value['timestamp'] as num);
    }
  }

  /// Somebody else may sign in.
  void end() {
    _forgetAll();
    for (final timer in _inside.values) {
      timer.cancel();
    }
    _inside.clear();
    _countedAt = 0;
    unreadCount = 0;
  }

  /// A new socket: it knows nobody, and nobody knows of us.
  void _begin() {
    _forgetAll();
    for (final conversation in _inside.keys) {
      _here(conversation, true);
    }
    count().ignore(); // then the next frame says it, or the next socket asks
  }

  void _counted(int count, num timestamp) {
    if (timestamp <= _countedAt) return; // overtaken
    _countedAt = timestamp.toDouble();
    unreadCount = count;
    changed();
  }

  void _keep(Doing doing, Map<String, dynamic> frame) {
    final user = frame['user'] as Map<String, dynamic>;
    final conversation = frame['conversation'] as int, id = user['id'] as int;
    _forget(doing, conversation, id);
    _heard[(doing, conversation, id)] = (user, Timer(_lasts[doing]!, () => _forget(doing, conversation, id)));
    changed();
  }

  void _forget(Doing doing, int conversation, int user) {
    final found = _heard.remove((doing, conversation, user));
    found?.$2.cancel();
    if (found != null) changed();
  }

  void _forgetAll() => [..._heard.keys].forEach((key) => _forget(key.$1, key.$2, key.$3));
}
