// Sign-in, inbox and live notifications for Flutter. pubspec.yaml: http and web_socket_channel.
import 'dart:async';
import 'dart:convert';
import 'dart:math';

import 'package:flutter/foundation.dart';
import 'package:http/http.dart' as http;
import 'package:web_socket_channel/web_socket_channel.dart';

class ApiError implements Exception {
  ApiError(this.status, this.body);
  final int status;
  final Map<String, dynamic> body; // 400: {field: [messages]}, all others: {detail, code}

  @override
  String toString() => 'HTTP $status: ${body['detail'] ?? body}';
}

/// What a list shows, the same from the inbox and from a frame.
class NotificationItem {
  NotificationItem.fromInbox(Map<String, dynamic> row)
      : this._(row, row['created_at'] as String, row['is_read'] as bool);
  NotificationItem.fromFrame(Map<String, dynamic> frame) : this._(frame, frame['timestamp'] as String, false);
  NotificationItem._(Map<String, dynamic> from, String at, this.isRead)
      : id = from['id'] as int,
        seq = from['seq'] as int,
        event = from['event'] as String,
        message = from['message'] as String,
        ticket = from['ticket'] as Map<String, dynamic>?,
        url = from['url'] as String,
        createdAt = DateTime.parse(at);

  final int id, seq;
  final String event, message, url;
  final Map<String, dynamic>? ticket;
  final DateTime createdAt;
  bool isRead;
}

/// `ListenableBuilder(listenable: feed, builder: (_, __) => Badge(label: Text('${feed.unreadCount}')))`
class NotificationFeed extends ChangeNotifier {
  NotificationFeed(this.baseUrl);
  final String baseUrl; // "https://tickets.example.com"; the Android emulator reaches your machine at 10.0.2.2

  List<NotificationItem> notifications = [];
  int unreadCount = 0;
  bool connected = false;
  bool get signedIn => _access != null;

  static const _waits = [1, 2, 5, 10, 30]; // seconds before the next try to connect; the last one repeats
  String? _access, _refreshToken; // keep them in flutter_secure_storage to stay signed in
  Future<void>? _refreshing;
  WebSocketChannel? _socket;
  Timer? _timer;
  int _seq = 0, _attempt = 0, _fetches = 0;
  bool _wanted = false;

  // --- Signing in and calling ---

  Future<Map<String, dynamic>> login(String username, String password) async {
    final signedIn = await _send('POST', '/api/auth/login/', {'username': username, 'password': password});
    disconnect();
    _forget(); // whoever was signed in before
    _access = signedIn['access'] as String;
    _refreshToken = signedIn['refresh'] as String;
    connect();
    return signedIn['user'] as Map<String, dynamic>;
  }

  Future<void> logout() async {
    disconnect();
    try {
      if (signedIn) await call('POST', '/api/auth/logout/', {'refresh': _refreshToken});
    } finally {
      _forget();
    }
  }

  /// Call the API. An expired access token is exchanged once, and the call made again.
  Future<Map<String, dynamic>> call(String method, String path, [Object? body]) async {
    final used = _access;
    try {
      return await _send(method, path, body, used);
    } on ApiError catch (error) {
      if (error.status != 401 || used == null) rethrow;
      await _refresh(used);
      return await _send(method, path, body, _access);
    }
  }

  Future<Map<String, dynamic>> _send(String method, String path, [Object? body, String? access]) async {
    final request = http.Request(method, Uri.parse('$baseUrl$path'));
    if (access != null) request.headers['Authorization'] = 'Bearer $access';
    if (body != null) {
      request.headers['Content-Type'] = 'application/json';
      request.body = jsonEncode(body);
    }
    final response = await http.Response.fromStream(await request.send().timeout(const Duration(seconds: 20)));
    Map<String, dynamic> answer = {};
    try {
      if (response.bodyBytes.isNotEmpty) answer = jsonDecode(utf8.decode(response.bodyBytes)) as Map<String, dynamic>;
    } on FormatException {
      // Not our JSON, such as a proxy's error page: the status has to do.
    }
    if (response.statusCode >= 400) throw ApiError(response.statusCode, answer);
    return answer;
  }

  /// A refresh token works once, so all callers wait for the same exchange.
  Future<void> _refresh(String used) =>
      _refreshing ??= _exchange(used).whenComplete(() => _refreshing = null);

  Future<void> _exchange(String used) async {
    if (_access != used) return; // exchanged already
    try {
      final tokens = await _send('POST', '/api/auth/refresh/', {'refresh': _refreshToken});
      _access = tokens['access'] as String;
      _refreshToken = tokens['refresh'] as String;
    } on ApiError catch (error) {
      if (error.status == 401) {
        disconnect();
        _forget();
      }
      rethrow;
    }
  }

  void _forget() {
    _access = _refreshToken = null;
    _seq = 0;
    _fetches++; // what is still on its way is not for the next person
    notifications = [];
    unreadCount = 0;
    notifyListeners();
  }

  // --- The inbox ---

  Future<void> fetchInbox() async {
    final turn = ++_fetches;
    final page = await call('GET', '/api/notifications/');
    if (turn != _fetches) return; // a later call knows better
    final seq = page['seq'] as int;
    final results = (page['results'] as List).cast<Map<String, dynamic>>();
    final rows = results.map(NotificationItem.fromInbox).toList();
    final listed = rows.map((one) => one.id).toSet();
    // A frame may have overtaken this answer: what is newer than the page stays, each once.
    final newer = notifications.where((one) => one.seq > seq && !listed.contains(one.id));
    notifications = [...newer, ...rows]..sort((a, b) => b.seq.compareTo(a.seq));
    _count(seq, page['unread_count'] as int);
  }

  Future<void> markAsRead(NotificationItem one) async {
    final marked = await call('POST', '/api/notifications/${one.id}/mark_as_read/');
    one.isRead = true;
    _count(marked['notification']['changed_seq'] as int, marked['unread_count'] as int);
  }

  Future<void> markAllAsRead() async {
    await call('POST', '/api/notifications/mark_all_as_read/');
    await fetchInbox(); // what arrived meanwhile has stayed unread
  }

  /// `unread_count` is absolute: the newest position's count is right, whatever was missed before.
  void _count(int seq, int count) {
    if (seq >= _seq) {
      _seq = seq;
      unreadCount = count;
    }
    notifyListeners();
  }

  // --- Live: call `disconnect` when the app is paused and `connect` when it resumes ---

  void connect() {
    _wanted = true;
    if (_socket == null && _timer == null) _open();
  }

  void disconnect() {
    _wanted = false;
    _timer?.cancel();
    _timer = null;
    _socket?.sink.close();
    _socket = null;
    connected = false;
  }

  Future<void> _open() async {
    final access = _access;
    if (access == null) return;
    final url = '${baseUrl.replaceFirst('http', 'ws')}/ws/notifications/?token=${Uri.encodeQueryComponent(access)}';
    final socket = _socket = WebSocketChannel.connect(Uri.parse(url));
    final opened = DateTime.now();
    socket.stream.listen(
      (data) => _receive(jsonDecode(data as String) as Map<String, dynamic>),
      onError: (Object _) {}, // onDone comes after it
      onDone: () {
        if (!identical(socket, _socket)) return; // closed by disconnect()
        _socket = null;
        connected = false;
        notifyListeners();
        if (DateTime.now().difference(opened) > const Duration(seconds: 10)) _attempt = 0;
        _reconnect(socket.closeCode, access);
      },
    );
    try {
      await socket.ready;
      if (!identical(socket, _socket)) return;
      connected = true;
    } catch (_) {
      // No socket, but perhaps the API; onDone tries again.
    }
    fetchInbox().ignore(); // what came while we were away; a 401 that lasts has signed us out already
  }

  void _receive(Map<String, dynamic> frame) {
    if (frame['type'] != 'notification') return;
    if (!notifications.any((one) => one.id == frame['id'])) {
      notifications = [NotificationItem.fromFrame(frame), ...notifications];
    }
    _count(frame['seq'] as int, frame['unread_count'] as int);
  }

  void _reconnect(int? code, String access) {
    if (!_wanted || code == 4403) return;
    final wait = _waits[min(_attempt++, _waits.length - 1)] * 1000 * (0.5 + Random().nextDouble());
    _timer = Timer(Duration(milliseconds: wait.round()), () async {
      try {
        if (code == 4401) await _refresh(access);
      } catch (_) {
        // Signed out: there is no token now and nothing opens. Anything else: the next close tries again.
      }
      _timer = null;
      if (_wanted) await _open();
    });
  }

  @override
  void dispose() {
    disconnect();
    super.dispose();
  }
}
