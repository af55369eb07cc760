#include "cli/messages.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <cerrno>
#include <csignal>

namespace sampan::cli {
namespace {

TEST(ExitStatus, FollowsTheTable) {
  const auto of = [](errc code) { return exit_status_of(error::make(code, "get", "x")); };
  EXPECT_EQ(of(errc::bad_port), 2);
  EXPECT_EQ(of(errc::unknown_encoding), 2);
  EXPECT_EQ(of(errc::end_of_input), 2);
  EXPECT_EQ(of(errc::port_in_use), 3);
  EXPECT_EQ(of(errc::resolve_failed), 3);
  EXPECT_EQ(of(errc::connect_timeout), 4);
  EXPECT_EQ(of(errc::stalled), 4);
  EXPECT_EQ(of(errc::nothing_received), 5);
  EXPECT_EQ(of(errc::no_such_file), 5);
  EXPECT_EQ(of(errc::refused_by_peer), 6);
  EXPECT_EQ(of(errc::redirected), 6);
  EXPECT_EQ(of(errc::unexpected_answer), 6);
  EXPECT_EQ(of(errc::part_not_ours), 8);
  EXPECT_EQ(of(errc::connection_reset), 9);
  EXPECT_EQ(of(errc::cut_short), 9);
  EXPECT_EQ(of(errc::malformed_answer), 9);
  EXPECT_EQ(of(errc::tls_failed), 9);
  EXPECT_EQ(of(errc::certificate_refused), 10);
  EXPECT_EQ(of(errc::not_encodable), 11);
  EXPECT_EQ(exit_status_of(error::numbered(errc::interrupted, SIGTERM, "get", "")), 143);
}

TEST(ExitStatus, TellsDisksFromConnections) {
  EXPECT_EQ(exit_status_of(error::system(ECONNREFUSED, "connect to", "x")), 3);
  EXPECT_EQ(exit_status_of(error::system(EACCES, "listen on", "x")), 3);
  EXPECT_EQ(exit_status_of(error::system(ENOSPC, "write", "x")), 8);
  EXPECT_EQ(exit_status_of(error::system(EACCES, "create", "x")), 8);
  EXPECT_EQ(exit_status_of(error::system(EPIPE, "write", "-")), 8);
  EXPECT_EQ(exit_status_of(error::system(EPIPE, "send to", "x")), 9);
  EXPECT_EQ(exit_status_of(error::system(ENOMEM, "watch", "x")), 1);
}

TEST(MessageOf, IsOneEscapedLine) {
  const auto line = message_of(error::make(errc::connection_reset, "get", "a\n\x1b[31m", "kept: \xff"));
  EXPECT_EQ(line.find_first_of("\n\x1b\xff"), std::string::npos);
  EXPECT_NE(line.find("\\n"), std::string::npos);
}

TEST(MessageOf, WhatCameIsALineOfItsOwn) {
  const auto cut = error::make(errc::cut_short, "receive from", "h:80");
  EXPECT_EQ(message_of(cut.with_unfinished({"a.part", 3, 10})), message_of(cut));
  EXPECT_EQ(kept_text({"a\n.part", 3, 10}), "kept: a\\n.part, 3 of 10 bytes");
  EXPECT_EQ(kept_text({"a.part", 3, {}}), "kept: a.part, 3 bytes");
  EXPECT_EQ(kept_text({"", 3, 10}), "came: 3 of 10 bytes");
}

}  // namespace
}  // namespace sampan::cli
