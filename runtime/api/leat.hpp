#pragma once

// Everything a job needs: #include <leat/leat.hpp>

#include "runtime/api/arguments.hpp"
#include "runtime/api/data_stream.hpp"
#include "runtime/api/environment.hpp"
#include "runtime/api/job.hpp"
#include "runtime/api/keyed_stream.hpp"
#include "serialization/codec.hpp"
#include "serialization/record.hpp"
