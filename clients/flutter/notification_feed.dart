// Inbox and live notifications for Flutter. pubspec.yaml: http and web_socket_channel.
import 'dart:async';
import 'dart:convert';
import 'dart:math';

import 'package:flutter/foundation.dart';
import 'package:web_socket_channel/web_socket_channel.dart';

import 'api.dart';
import 'talk.dart';

/// What a list shows, the same from the inbox and from a frame.
class NotificationItem {
  NotificationItem(Map<String, dynamic> from)
      : id = from['id'] as int,
        seq = from['seq'] as int,
        changedSeq = from['changed_seq'] as int,
        event = from['event'] as String,
        message = from['message'] as String,
        ticket = from['ticket'] as Map<String, dynamic>?,
        url = from['url'] as String,
        createdAt = DateTime.parse((from['created_at'] ?? from['timestamp']) as String),
        isRead = from['is_read'] as bool,
        isArchived = from['is_archived'] as bool;

  final int id, seq;
  final String event, message, url;
  final Map<String, dynamic>? ticket;
  final DateTime createdAt;
  int changedSeq;
  bool isRead, isArchived;
}

/// One try to be connected.
class _Link {
  _Link({this.polls = false});
  final bool polls; // no socket got through the last time
  WebSocketChannel? socket;
  Timer? retry, silence;
  DateTime? since; // its `hello`
  Duration silentFor = patience; // at most

  void end() {
    retry?.cancel();
    silence?.cancel();
    socket?.sink.close();
  }
}

/// `ListenableBuilder(listenable: feed, builder: (_, __) => Badge(label: Text('${feed.unreadCount}')))`
class NotificationFeed extends ChangeNotifier {
  NotificationFeed(String baseUrl) {
    api = Api(baseUrl, signedOut: _forget); // the Android emulator reaches your machine at 10.0.2.2
  }
  late final Api api;

  List<NotificationItem> get notifications => [..._rows.where((one) => !one.isArchived)];
  int unreadCount = 0;
  bool connected = false;

  late final Talk talk = Talk(
    api,
    say: (frame) {
      if (connected) _link?.socket?.sink.add(jsonEncode(frame));
    },
    changed: notifyListeners,
  );

  static const _longestWait = 30000, _stable = Duration(seconds: 10); // milliseconds; until the waits start anew
  static const _planned = 4000, _notAllowed = 4403;

  List<NotificationItem> _rows = []; // the newest first, also those archived since
  String? _epoch; // null: the list has to be fetched; else everything up to `_seq` is known
  int _seq = 0, _attempt = 0;
  _Link? _link; // null when nobody wants to be connected

  // --- Signing in ---

  Future<Map<String, dynamic>> login(String username, String password) async {
    final user = await api.login(username, password);
    connect();
    return user;
  }

  Future<void> logout() {
    disconnect();
    return api.logout();
  }

  void _forget() {
    disconnect();
    _epoch = null;
    _rows = [];
    unreadCount = 0;
    talk.end();
    notifyListeners();
  }

  // --- The inbox ---

  Future<void> markAsRead(NotificationItem one) async {
    final marked = await api.call('POST', '/api/notifications/${one.id}/mark_as_read/');
    final seq = marked['notification']['changed_seq'];
    _unlessTold({'read_ids': [one.id], 'seq': seq, 'unread_count': marked['unread_count']});
  }

  /// All that is known here: what arrives meanwhile stays unread.
  Future<void> markAllAsRead() async {
    if (_epoch == null) return;
    final seq = _seq;
    final marked = await api.call('POST', '/api/notifications/mark_all_as_read/?up_to_seq=$seq');
    _unlessTold({'all_up_to_seq': seq, 'seq': seq, 'unread_count': marked['unread_count']});
  }

  /// The socket tells this client, too, and in order. Without one the answer has to do.
  void _unlessTold(Map<String, dynamic> frame) {
    if (_epoch != null && !connected) _change(frame);
  }

  void _begin(Map<String, dynamic> page) {
    _rows = [for (final row in page['results'] as List) NotificationItem(row as Map<String, dynamic>)];
    _move(page);
    _count(page);
  }

  /// One notification as it is now; it may be known already, or lie below the list.
  void _show(Map<String, dynamic> frame) {
    final shown = NotificationItem(frame);
    if (_rows.isNotEmpty && shown.seq < _rows.last.seq) return;
    _rows = [shown, ..._rows.where((one) => one.id != shown.id)]..sort((a, b) => b.seq.compareTo(a.seq));
    _count(frame);
  }

  /// What became of notifications: what lies under a read-all first, then the ids.
  void _change(Map<String, dynamic> frame) {
    bool named(String ids, NotificationItem one) => (frame[ids] as List?)?.contains(one.id) ?? false;
    final all = frame['all_up_to_seq'] as int? ?? 0;
    for (final one in _rows) {
      final archived = named('archived_ids', one), unread = named('unread_ids', one);
      final read = named('read_ids', one), covered = !one.isRead && one.changedSeq <= all;
      if (!archived && !unread && !read && !covered) continue;
      one.isRead = !unread;
      one.isArchived = archived || (one.isArchived && !unread && !read);
      one.changedSeq = max(frame['seq'] as int, all); // only a read-all after it covers what is unread again
    }
    _count(frame);
  }

  /// `unread_count` is absolute, and comes in order.
  void _count(Map<String, dynamic> frame) {
    unreadCount = frame['unread_count'] as int;
    notifyListeners();
  }

  void _move(Map<String, dynamic> page) {
    _epoch = page['epoch'] as String;
    _seq = page['seq'] as int;
  }

  /// Where no socket gets through: what changed since the position.
  Future<void> _poll(_Link link) async {
    for (var more = true; more;) {
      final page = await api.call('GET', '/api/notifications/changes/?since=$_seq&epoch=$_epoch');
      if (!identical(link, _link)) return;
      (page['results'] as List).cast<Map<String, dynamic>>().forEach(_show);
      _count(page);
      _move(page);
      if (!(page['recovered'] as bool)) _epoch = null; // the list anew
      more = page['has_more'] as bool;
    }
    await talk.count();
  }

  // --- Live: call `disconnect` when the app is paused and `connect` when it resumes; nothing is lost between ---

  /// Connect, and stay connected; when the next try is still to come, try now.
  void connect() {
    if (_link != null && _link!.retry == null) return; // connected, or about to be
    _link?.end();
    unawaited(_open(_Link(polls: _link != null)));
  }

  void disconnect() {
    final link = _link;
    _link = null; // whatever is still under way sees it
    link?.end();
    connected = false;
  }

  /// First the list, from which on the socket tells everything; its ticket is used once, unlike a token.
  Future<void> _open(_Link link) async {
    if (!api.signedIn) return;
    _link = link;
    try {
      if (link.polls && _epoch != null) await _poll(link);
      final page = _epoch == null ? await api.call('GET', '/api/notifications/') : null;
      if (!identical(link, _link)) return;
      if (page != null) _begin(page);
      final answer = await api.call('POST', '/api/auth/ticket/'); // exchanges an expired token
      if (identical(link, _link)) _listen(link, answer['ticket'] as String);
    } catch (_) {
      _retry(link, null); // unless a 401 that lasts has signed us out
    }
  }

  void _listen(_Link link, String ticket) {
    final from = 'v=2&token=$ticket&since=$_seq&epoch=$_epoch';
    final url = '${api.baseUrl.replaceFirst('http', 'ws')}/ws/notifications/?$from';
    final socket = link.socket = WebSocketChannel.connect(Uri.parse(url));
    socket.ready.ignore(); // the stream tells of it, too
    void expect() {
      link.silence?.cancel();
      link.silence = Timer(link.silentFor, () => _retry(link, null)); // a dead network says nothing
    }

    expect();
    socket.stream.listen(
      (data) {
        if (!identical(link, _link) || link.retry != null) return;
        final frame = jsonDecode(data as String) as Map<String, dynamic>;
        if (frame['type'] == 'hello') {
          link.since = DateTime.now();
          link.silentFor = Duration(milliseconds: ((frame['ping_interval'] as num) * 2500).round());
        }
        expect();
        _receive(frame);
        if (_epoch == null) _retry(link, null);
      },
      onError: (Object _) {}, // onDone comes after it
      onDone: () => _retry(link, socket.closeCode),
    );
  }

  void _receive(Map<String, dynamic> frame) {
    switch (frame['type']) {
      case 'hello':
        connected = true;
        _count(frame);
      case 'notification':
        _show(frame);
        // In a replay the position moves only when all has come: cut off before that, the whole is told again.
        if (frame['replay'] != true) _seq = max(_seq, frame['seq'] as int);
      case 'state':
        _change(frame);
        _seq = max(_seq, frame['seq'] as int);
      case 'replay_complete':
        _seq = max(_seq, frame['seq'] as int);
      case 'reset':
        _epoch = null; // the list anew
    }
    talk.receive(frame);
  }

  /// Again: at once when it was planned, else after a wait by full jitter, so that not all come back together.
  void _retry(_Link link, int? code) {
    if (!identical(link, _link) || link.retry != null) return; // closed by disconnect(), or told of this already
    link.end();
    connected = false;
    notifyListeners();
    if (code == _notAllowed) {
      _link = null;
      return;
    }
    final since = link.since;
    if (since != null && DateTime.now().difference(since) > _stable) _attempt = 0;
    final atOnce = code == _planned && since != null;
    final wait = atOnce ? 0.0 : Random().nextDouble() * min(_longestWait, 1000 * pow(2, min(_attempt++, 10)));
    link.retry = Timer(Duration(milliseconds: wait.round()), () => _open(_Link(polls: since == null)));
  }

  @override
  void dispose() {
    disconnect();
    talk.end();
    super.dispose();
  }
}
