#pragma once

// Everything a job needs: #include <leat/leat.hpp>

#include "runtime/api/arguments.hpp"
#include "runtime/api/data_stream.hpp"
#include "runtime/api/environment.hpp"
#include "runtime/api/job.hpp"
#include "runtime/api/keyed_stream.hpp"
#include "runtime/api/words.hpp"
#include "runtime/connectors/collect.hpp"
#include "runtime/connectors/collection.hpp"
#include "runtime/connectors/discard.hpp"
#include "runtime/connectors/generator.hpp"
#include "runtime/connectors/print.hpp"
#include "runtime/connectors/text_directory.hpp"
#include "runtime/connectors/text_files.hpp"
#include "serialization/codec.hpp"
#include "serialization/record.hpp"
