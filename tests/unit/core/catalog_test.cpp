#include "wordline/core/catalog.h"

#include <filesystem>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::core {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A catalogue folder of one test, with the chips that it writes.
class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest()
      : folder_(fs::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "chips");
  }
  void write(const std::string& name, const std::string& text) { write_text(folder_ / "chips" / name, text); }
  Catalog open() const { return Catalog::open({folder_}); }

 private:
  fs::path folder_;
};

TEST_F(CatalogTest, AnExtraFolderAddsItsFilesToTheirKind) {
  write("toy.toml", "a = 1");
  EXPECT_THAT(open().names("chips"), Contains("toy"));
  EXPECT_THAT(open().kinds(), Contains("chips"));
}

TEST_F(CatalogTest, ExtendsTakesWhatIsNotSaidFromTheOtherFile) {
  write("base.toml", "a = 1\nb = 2");
  write("child.toml", "extends = \"base\"\nb = 3");
  const Catalog catalog = open();
  const Value& child = catalog.load("chips", "child");
  EXPECT_EQ(std::get<std::int64_t>(child.find("a")->data), 1);
  EXPECT_EQ(std::get<std::int64_t>(child.find("b")->data), 3);
}

TEST_F(CatalogTest, FilesThatExtendEachOtherAreRefusedAtTheLine) {
  write("one.toml", "a = 1\nextends = \"two\"");
  write("two.toml", "extends = \"one\"");
  EXPECT_THAT([&] { open().load("chips", "one"); }, ThrowsMessage<InputError>(HasSubstr("does not extend this one")));
}

TEST_F(CatalogTest, AnUnknownNameIsToldWithTheNearest) {
  write("toy.toml", "a = 1");
  EXPECT_THAT([&] { open().load("chips", "toi"); }, ThrowsMessage<InputError>(HasSubstr("did you mean \"toy\"?")));
}

TEST_F(CatalogTest, AnUnknownKindIsToldWithTheNearest) {
  write("toy.toml", "a = 1");
  EXPECT_THAT([&] { open().load("chip", "toy"); }, ThrowsMessage<InputError>(HasSubstr("did you mean \"chips\"?")));
}

TEST_F(CatalogTest, APutDocumentStandsForItsName) {
  Catalog catalog = open();
  catalog.put("chips", "mine", parse_toml("a = 7", "mine.toml"));
  EXPECT_EQ(std::get<std::int64_t>(catalog.load("chips", "mine").find("a")->data), 7);
}

TEST_F(CatalogTest, TheHashFollowsTheContent) {
  write("toy.toml", "a = 1");
  const std::string before = open().hash();
  write("toy.toml", "a = 2");
  EXPECT_NE(before, open().hash());
}

}  // namespace
}  // namespace wordline::core
