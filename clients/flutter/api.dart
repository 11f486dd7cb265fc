// Signing in and calling, for Flutter. pubspec.yaml: http.
import 'dart:async';
import 'dart:convert';

import 'package:http/http.dart' as http;

const patience = Duration(seconds: 20); // for an answer, and for the first frame

class ApiError implements Exception {
  ApiError(this.status, this.body);
  final int status;
  final Map<String, dynamic> body; // 400: {field: [messages]}, all others: {detail, code}

  @override
  String toString() => 'HTTP $status: ${body['detail'] ?? body}';
}

class Api {
  /// `signedOut` is called when the session has ended, whoever ended it.
  Api(this.baseUrl, {required this.signedOut});
  final String baseUrl;
  final void Function() signedOut;

  String? _access, _refreshToken; // keep them in flutter_secure_storage to stay signed in
  Future<void>? _refreshing;
  bool get signedIn => _access != null;

  Future<Map<String, dynamic>> login(String username, String password) async {
    final signedIn = await _send('POST', '/api/auth/login/', {'username': username, 'password': password});
    signedOut(); // whoever was signed in before
    _access = signedIn['access'] as String;
    _refreshToken = signedIn['refresh'] as String;
    return signedIn['user'] as Map<String, dynamic>;
  }

  Future<void> logout() async {
    try {
      if (signedIn) await call('POST', '/api/auth/logout/', {'refresh': _refreshToken});
    } finally {
      _forget();
    }
  }

  /// Call the API. An expired access token is exchanged once, and the call made again.
  Future<dynamic> call(String method, String path, [Object? body]) async {
    final used = _access;
    try {
      return await _send(method, path, body, used);
    } on ApiError catch (error) {
      if (error.status != 401 || used == null) rethrow;
      await _refresh(used);
      return await _send(method, path, body, _access);
    }
  }

  Future<dynamic> _send(String method, String path, [Object? body, String? access]) async {
    final request = http.Request(method, Uri.parse('$baseUrl$path'));
    if (access != null) request.headers['Authorization'] = 'Bearer $access';
    if (body != null) {
      request.headers['Content-Type'] = 'application/json';
      request.body = jsonEncode(body);
    }
    final response = await http.Response.fromStream(await request.send().timeout(patience)).timeout(patience);
    dynamic answer = <String, dynamic>{};
    try {
      if (response.bodyBytes.isNotEmpty) answer = jsonDecode(utf8.decode(response.bodyBytes));
    } on FormatException {
      // Not our JSON, such as a proxy's error page: the status has to do.
    }
    if (response.statusCode >= 400) throw ApiError(response.statusCode, answer as Map<String, dynamic>);
    return answer;
  }

  /// A refresh token works once, so all callers wait for the same exchange.
  Future<void> _refresh(String used) => _refreshing ??= _exchange(used).whenComplete(() => _refreshing = null);

  Future<void> _exchange(String used) async {
    if (_access != used) return; // exchanged already
    try {
      final tokens = await _send('POST', '/api/auth/refresh/', {'refresh': _refreshToken});
      _access = tokens['access'] as String;
      _refreshToken = tokens['refresh'] as String;
    } on ApiError catch (error) {
      if (error.status == 401) _forget();
      rethrow;
    }
  }

  void _forget() {
    _access = _refreshToken = null;
    signedOut();
  }
}
