"""A rude TCP relay in front of a registry: scripted misbehaviour, one rule at a
time, on the bytes of answers to chosen requests."""
import http.client
import socketserver
import threading

import http.server


class Rude:
    """Forwards to 127.0.0.1:port. rules: functions (method, path, n) -> None or
    one of
        ("cut", k)       send headers and k body bytes, then break off
        ("flip", k)      flip the lowest bit of body byte k
        ("status", s, headers, body)  answer this instead
        ("silent", event)  say nothing until the event is set, then hang up
    n counts the requests of this path, from 0.
    """

    def __init__(self, port):
        self.rules = []
        self.seen = []
        self.counts = {}
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                with outer.lock:
                    n = outer.counts.get(self.path, 0)
                    outer.counts[self.path] = n + 1
                    outer.seen.append((self.command, self.path, dict(self.headers.items())))
                action = next((a for a in (r(self.command, self.path, n) for r in outer.rules) if a), None)
                if action and action[0] == "status":
                    return self.answer(action[1], action[2], action[3])
                if action and action[0] == "silent":
                    action[1].wait(60)
                    self.close_connection = True
                    return None
                return self.relay(action)

            def relay(self, action):
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                try:
                    # Host stays the relay's: links of the registry lead here.
                    upstream.request(self.command, self.path,
                                     headers={k: v for k, v in self.headers.items()})
                    got = upstream.getresponse()
                    body = got.read() if self.command != "HEAD" else b""
                except OSError:
                    self.close_connection = True
                    return
                headers = {k: v for k, v in got.getheaders() if k.lower() not in ("connection", "date")}
                if action and action[0] == "flip" and body:
                    at = min(action[1], len(body) - 1)
                    body = body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
                if action and action[0] == "cut":
                    return self.answer(got.status, headers, body[:action[1]], cut=True)
                self.answer(got.status, headers, body)

            def answer(self, status, headers, body, cut=False):
                self.send_response(status)
                names = {k.lower() for k in headers}
                for k, v in headers.items():
                    self.send_header(k, v)
                if "content-length" not in names:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                try:
                    if self.command != "HEAD":
                        self.wfile.write(body)
                        self.wfile.flush()
                except OSError:
                    pass
                if cut:
                    self.close_connection = True

            do_GET = do_HEAD = do_POST = do

            def log_message(self, *args):
                pass

        class Threaded(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, *args):
                pass

        self.server = Threaded(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
