"""HTTP as tests need it: a plain client, and a scriptable server."""
import http.client
import http.server
import json
import socketserver
import threading
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


def request(method, url, body=None, headers=None, timeout=60):
    """One request without redirects; connection errors are raised."""
    u = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout)
    try:
        target = u.path + ("?" + u.query if u.query else "")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers = {"content-type": "application/json", **(headers or {})}
        connection.request(method, target or "/", body=body, headers=headers or {})
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
    finally:
        connection.close()


def get(url, **kw):
    return request("GET", url, **kw)


def try_get(url):
    """None instead of an exception: for polling."""
    try:
        return get(url, timeout=5)
    except (OSError, http.client.HTTPException):
        return None


class Received:
    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Server:
    """Answers with handler(Received) -> (status, headers, body); keeps all it
    was asked."""

    def __init__(self, handler=None, tls=None):
        self.requests = []
        self.handler = handler or (lambda r: (200, {}, b"{}"))
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                if self.headers.get("transfer-encoding", "").lower() == "chunked":
                    body = self.read_chunks()
                else:
                    body = self.rfile.read(int(self.headers.get("content-length") or 0))
                got = Received(self.command, self.path,
                               {k.lower(): v for k, v in self.headers.items()}, body)
                outer.requests.append(got)
                status, headers, body = outer.handler(got)
                if status is None:  # silence: hang up without an answer
                    self.close_connection = True
                    return
                self.send_response(status)
                names = {k.lower() for k in headers}
                for k, v in headers.items():
                    self.send_header(k, v)
                if "content-length" not in names:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def read_chunks(self):
                body = b""
                while True:
                    n = int(self.rfile.readline().split(b";")[0], 16)
                    body += self.rfile.read(n)
                    self.rfile.readline()
                    if n == 0:
                        return body

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do

            def log_message(self, *args):
                pass

        class Threaded(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, *args):
                pass

        self.server = Threaded(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
