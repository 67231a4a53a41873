#pragma once

// A sink that writes each record as one line, for records of any type that can be formatted.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/line_output.hpp"
#include "runtime/connectors/sink.hpp"
#include "runtime/connectors/text_format.hpp"

namespace leat {

/// Formats by TextFormat<T>.
struct DefaultFormat {};

template <class T, class Format>
class LineSinkWriter : public SinkWriter<T> {
 public:
  LineSinkWriter(std::unique_ptr<LineOutput> output, Format format)
      : output_(std::move(output)), format_(std::move(format)) {}

  void write(In<T> record) override {
    std::string& line = output_->begin_line();
    if constexpr (std::is_same_v<Format, DefaultFormat>)
      TextFormat<T>::append(line, record);
    else
      std::invoke(format_, record, line);
    output_->end_line();
  }

  Result<void> open() override { return output_->open(); }
  [[nodiscard]] bool ready() const override { return output_->ready(); }
  Result<void> flush() override { return output_->flush(); }
  PreparedOutput prepare_commit(std::uint64_t checkpoint) override {
    return output_->prepare_commit(checkpoint);
  }
  void abort() override { output_->abort(); }

 private:
  std::unique_ptr<LineOutput> output_;
  [[no_unique_address]] Format format_;
};

/// A sink for whichever record type the stream has: stream.sink(print()).
template <class Format = DefaultFormat>
struct LineSink {
  std::string name;
  std::string kind;
  std::string path;
  std::function<std::unique_ptr<LineOutput>(const SinkContext&)> make_output;
  [[no_unique_address]] Format format;

  template <class T>
  [[nodiscard]] Sink<T> as() const {
    return {.name = name,
            .kind = kind,
            .path = path,
            .make_writer = [make = make_output, format = format](
                               const SinkContext& context) -> std::unique_ptr<SinkWriter<T>> {
              return std::make_unique<LineSinkWriter<T, Format>>(make(context), format);
            }};
  }
};

}  // namespace leat
