#pragma once

// A port for probes and for Prometheus: answers GET of a few fixed pages by HTTP/1.1, one request per
// connection. Its threads are its own; their number, the connections that wait for one, and what a client
// may send and how long it may take are bounded. Used by one thread.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "actors/http_limits.hpp"
#include "actors/network_options.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// By path: "/healthz". Called on the server's threads, several at a time; they end in finite time.
using HttpPages = std::map<std::string, std::function<HttpReply()>>;

class HttpServer {
 public:
  /// Takes the port, 0 any free one; clients that connect wait for serve(). Fails in words if it is in use.
  static Result<std::unique_ptr<HttpServer>> bind(const Endpoint& listen,
                                                  const HttpLimits& limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const Endpoint& address() const;

  /// Once. `log` outlives the server; `who` is the component in its lines.
  void serve(HttpPages pages, LogSink& log, const std::string& who);
  /// No page runs any more, all threads have ended and the pages are gone: an actor system in which they
  /// asked can be destroyed. Connections under way are cut. Repeated calls do nothing.
  void stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace leat::actors
