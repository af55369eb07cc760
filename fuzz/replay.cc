// The one place where a fuzz target runs without libFuzzer: once over every file of the folders given. Each name is out before
// its input runs: whatever ends the process (abort, a sanitizer, a time limit, the kernel), the last line says where.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace {

// Gives the target memory of exactly the file's size, so that a sanitizer sees a read past the end.
bool run(const std::filesystem::path& path) {
  std::error_code error;
  const std::size_t size = std::filesystem::file_size(path, error);
  if (error) return false;  // a folder, for one
  const auto data = std::make_unique<unsigned char[]>(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(data.get()), static_cast<std::streamsize>(size))) return false;
  LLVMFuzzerTestOneInput(data.get(), size);
  return true;
}

}  // namespace

// Exit status 0 only when there were inputs and all were run.
int main(int count, char** arguments) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < count; ++i) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i], error)) paths.push_back(entry.path());
    if (error) {
      std::printf("%s: %s\n", arguments[i], error.message().c_str());
      return 1;
    }
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::puts(path.c_str());
    std::fflush(stdout);
    if (!run(path)) {
      std::puts("cannot be read");
      return 1;
    }
  }
  std::printf("%zu inputs\n", paths.size());
  return paths.empty() ? 1 : 0;
}
