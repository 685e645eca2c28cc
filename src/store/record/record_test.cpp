// A record that is described once can be kept, read, shown and taken in, on both engines.
#include <gtest/gtest.h>

#include "kit/test_database.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::record {
namespace {

enum class Mood : std::uint8_t { calm, very_glad };
BOOST_DESCRIBE_ENUM(Mood, calm, very_glad)

struct Part {
  std::string word;
  std::int64_t weight = 1;
};

using ThingId = Id<struct ThingTag, std::string>;
struct Thing {
  ThingId id;
  std::string note;
  std::string secret;
  std::string extra;  // JSON
  Mood mood = Mood::calm;
  std::int64_t tries = 0;
  double score = 0;
  bool is_late = false;
  Instant made_at{};
  std::optional<Instant> ended_at;
  std::optional<std::int64_t> left;
  boost::json::object input;
  std::vector<std::string> words;
  std::vector<Part> parts;
  bool is_tried = false;
};

// Another record, and what is made of it.
struct PartPage {
  Part part;
  std::optional<std::string> note;
  std::string kept;  // JSON
};
std::vector<std::string> letters_of(const PartPage& page) {
  std::vector<std::string> letters;
  for (const char letter : page.part.word) letters.emplace_back(1, letter);
  return letters;
}
boost::json::value loud_note(const PartPage& page) {
  return page.note ? boost::json::value(*page.note + "!") : boost::json::value();
}

}  // namespace

template <>
const Entity& entity_of<PartPage>();
template <>
const Entity& entity_of<Part>();
template <>
const Entity& entity_of<Thing>();

template <>
const Entity& entity_of<Part>() {
  static const Entity described = entity<Part>(
      {.name = "Part"},
      {field<&Part::word>("word").required().at_most(5), field<&Part::weight>("weight").between(1, 9)});
  return described;
}

template <>
const Entity& entity_of<Thing>() {
  static const Entity described = entity<Thing>(
      {.name = "Thing", .table = "described_things"},
      {field<&Thing::id>("id").key(), field<&Thing::note>("note").or_null(),
       field<&Thing::secret>("secret").hidden(), field<&Thing::extra>("extra").json().or_null(),
       field<&Thing::mood>("mood").fixed(), field<&Thing::tries>("tries"), field<&Thing::score>("score"),
       field<&Thing::is_late>("is_late").in_column("late_reported"),
       field<&Thing::made_at>("made_at").fixed(), field<&Thing::ended_at>("ended_at"),
       field<&Thing::left>("left").in_column("left_over"), field<&Thing::input>("input"),
       field<&Thing::words>("words"), field<&Thing::parts>("parts"),
       field<&Thing::is_tried>("is_tried").worked_out("CASE WHEN tries > 0 THEN 1 ELSE 0 END")});
  return described;
}

template <>
const Entity& entity_of<PartPage>() {
  static const Entity described = entity<PartPage>(
      {.name = "PartPage",
       .bases = {within<&PartPage::part>()},
       .request_name = "PartPageChange",
       .example = R"({"word":"part"})"},
      {field<&PartPage::note>("note").shown_by<&loud_note>().left_out_when_null().like("x"),
       shown<&letters_of>("letters"), field<&PartPage::kept>("kept").json().shaped_as<Part>()});
  return described;
}

namespace {

class RecordTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = std::move((*database_)->connect(store::Part::tables)).value();
    ASSERT_TRUE(connection_->execute("DROP TABLE IF EXISTS described_things"));
    ASSERT_TRUE(connection_->execute(
        "CREATE TABLE described_things (id TEXT PRIMARY KEY, note TEXT, secret TEXT, extra TEXT, mood TEXT, "
        "tries BIGINT, score DOUBLE PRECISION, late_reported BIGINT, made_at BIGINT, ended_at BIGINT, "
        "left_over BIGINT, input TEXT, words TEXT, parts TEXT, beside TEXT)"));
  }

  static Thing thing() {
    Thing thing;
    thing.id = ThingId("one");
    thing.secret = "hidden";
    thing.extra = R"({"a":1})";
    thing.mood = Mood::very_glad;
    thing.tries = 2;
    thing.score = 0.5;
    thing.is_late = true;
    thing.made_at = Instant(std::chrono::hours(1));
    thing.left = 7;
    thing.input = {{"text", "ä"}};
    thing.words = {"x", "y"};
    thing.parts = {{"part", 3}};
    return thing;
  }
  Thing read(std::string_view id) {
    auto found = find_first<Thing>(*connection_, "id = $1", {id});
    EXPECT_TRUE(found) << found.error().message;
    return found && *found ? **found : Thing();
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Connection> connection_;
};

INSTANTIATE_TEST_SUITE_P(Engines, RecordTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

TEST_P(RecordTest, ComesBackAsItWasKept) {
  ASSERT_TRUE(insert(*connection_, thing(), {{"beside", std::string_view("B"), "lower({})"}}));
  const auto found = read("one");
  EXPECT_TRUE(found.is_tried) << "worked out of another column";
  auto expected = thing();
  expected.is_tried = true;
  EXPECT_EQ(found.secret, "hidden");
  EXPECT_EQ(to_json(found), to_json(expected));
  EXPECT_EQ(store::query_text(*connection_, "SELECT beside FROM described_things").value(), "b");
  EXPECT_EQ(store::query_text(*connection_, "SELECT note FROM described_things").value(), std::nullopt);
}

TEST_P(RecordTest, KeepsWhatIsFixedWhenItIsUpdated) {
  ASSERT_TRUE(insert(*connection_, thing()));
  auto changed = thing();
  changed.mood = Mood::calm;
  changed.note = "new";
  changed.ended_at = Instant(std::chrono::hours(2));
  ASSERT_TRUE(update(*connection_, changed, {}, "tries = 9"));
  EXPECT_EQ(connection_->changes(), 0) << "the condition is not true of it";
  ASSERT_TRUE(update(*connection_, changed));
  EXPECT_EQ(connection_->changes(), 1);
  EXPECT_EQ(read("one").note, "new");
  EXPECT_EQ(read("one").ended_at, changed.ended_at);
  EXPECT_EQ(read("one").mood, Mood::very_glad);
  changed.note = "other";
  ASSERT_TRUE(update_only(*connection_, changed, {"mood"}));
  EXPECT_EQ(read("one").mood, Mood::calm);
  EXPECT_EQ(read("one").note, "new");
  EXPECT_EQ(update_only(*connection_, changed, {"mod"}).error().kind, ErrorKind::internal);
}

TEST_P(RecordTest, SaysWhichColumnIsDamaged) {
  ASSERT_TRUE(insert(*connection_, thing()));
  ASSERT_TRUE(connection_->execute("UPDATE described_things SET mood = 'sad'"));
  const auto found = find_all<Thing>(*connection_, "1 = 1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(found.error().message,
            "described_things: mood: the database holds something other than calm or very_glad");
}

TEST_P(RecordTest, HasALineInTheDigestThatTellsRowsApart) {
  const Entity pairs{
      .name = "", .table = "", .fields = {column<Text>("a"), column<Text>("b"), column<Number>("c")}};
  std::string lines;
  ASSERT_TRUE(store::for_each_row(*connection_, "SELECT 'xy', '', 3 UNION ALL SELECT 'x', 'y', NULL", {},
                                  [&](const store::Statement& row) { add_digest_line(pairs, row, lines); }));
  EXPECT_EQ(lines, "t2:xyt0:i3;\nt1:xt1:yn;\n");
}

std::string refusal(const boost::json::object& given) {
  Thing thing;
  const auto done = from_json(given, thing);
  EXPECT_FALSE(done);
  return done ? "" : done.error().safe;
}

TEST(RecordJson, ShowsAllButWhatIsPrivate) {
  Thing thing;
  thing.id = ThingId("one");
  thing.parts = {{"part", 3}};
  EXPECT_EQ(boost::json::serialize(to_json(thing)),
            R"({"id":"one","note":null,"extra":null,"mood":"calm","tries":0,"score":0E0,"is_late":false,)"
            R"("made_at":"1970-01-01T00:00:00.000Z","ended_at":null,"left":null,"input":{},"words":[],)"
            R"("parts":[{"word":"part","weight":3}],"is_tried":false})");
}

TEST(RecordJson, IsTakenInAndRefusedByTheNameOfTheField) {
  Thing thing;
  thing.tries = 4;
  ASSERT_TRUE(from_json({{"mood", "very_glad"},
                         {"note", nullptr},
                         {"ended_at", "2026-08-01T09:00:00+02:00"},
                         {"parts", {{{"word", "part"}}}}},
                        thing));
  EXPECT_EQ(thing.mood, Mood::very_glad);
  EXPECT_EQ(thing.tries, 4) << "what is absent stays";
  EXPECT_EQ(to_iso8601(*thing.ended_at), "2026-08-01T07:00:00.000Z");
  EXPECT_EQ(thing.parts.at(0).weight, 1);
  EXPECT_EQ(refusal({{"mood", "sad"}}), R"(mood: expected calm or very_glad, got "sad")");
  EXPECT_EQ(refusal({{"tries", "2"}}), R"(tries: expected a whole number, got "2")");
  EXPECT_EQ(refusal({{"parts", {{{"word", "part"}, {"weight", 10}}}}}),
            "parts[0].weight: expected a whole number from 1 to 9, got 10");
  EXPECT_EQ(refusal({{"parts", {{{"weight", 2}}}}}), "parts[0].word: expected a value, got nothing");
  EXPECT_EQ(refusal({{"parts", {{{"word", "longer"}}}}}),
            check_length("parts[0].word", "longer", 5).error().safe);
  EXPECT_EQ(refusal({{"made_at", nullptr}}),
            "made_at: expected a time such as 2026-08-01T09:00:00Z, got null");
  EXPECT_TRUE(refusal({{"secret", "x"}}).starts_with("secret: not known here; expected id, note, "));
  EXPECT_TRUE(refusal({{"is_tried", true}}).starts_with("is_tried: not known here"));
}

TEST(RecordJson, HasASchema) {
  boost::json::object schemas;
  add_schemas(entity_of<Thing>(), Use::request, schemas);
  ASSERT_TRUE(schemas.contains("Part"));
  EXPECT_EQ(
      boost::json::serialize(schemas["Part"]),
      R"({"type":"object","properties":{"word":{"type":"string","maxLength":5},"weight":)"
      R"({"type":"integer","minimum":1,"maximum":9}},"required":["word"],"additionalProperties":false})");
  EXPECT_EQ(boost::json::serialize(schemas["Thing"].at("properties").at("note")),
            R"({"type":["string","null"],"maxLength":)" + std::to_string(kLongestWord) + "}");
  const auto answer = schema_of(entity_of<Thing>(), Use::answer);
  const auto& properties = answer.at("properties").as_object();
  EXPECT_FALSE(properties.contains("secret"));
  EXPECT_EQ(answer.at("required").as_array().size(), properties.size());
  EXPECT_EQ(boost::json::serialize(properties.at("mood")),
            R"({"type":"string","enum":["calm","very_glad"]})");
  EXPECT_EQ(boost::json::serialize(properties.at("ended_at")),
            R"({"type":["string","null"],"format":"date-time"})");
  EXPECT_EQ(boost::json::serialize(properties.at("parts")),
            R"({"type":"array","items":{"$ref":"#/components/schemas/Part"}})");
}

TEST(RecordJson, ShowsAnothersMembersAndWhatIsMadeOfThem) {
  PartPage page{{"ab", 2}, {}, ""};
  EXPECT_EQ(boost::json::serialize(to_json(page)),
            R"({"word":"ab","weight":2,"letters":["a","b"],"kept":null})");
  page.note = "so";
  page.kept = R"({"word":"c","weight":1})";
  EXPECT_EQ(boost::json::serialize(to_json(page)),
            R"({"word":"ab","weight":2,"note":"so!","letters":["a","b"],"kept":{"word":"c","weight":1}})");
}

TEST(RecordJson, SaysWhatIsMadeAndWhatMayBeMissing) {
  boost::json::object schemas;
  add_schemas(entity_of<PartPage>(), Use::answer, schemas);
  EXPECT_TRUE(schemas.contains("Part"));
  const auto& parts = schemas.at("PartPage").at("allOf").as_array();
  EXPECT_EQ(parts.at(0).at("$ref"), "#/components/schemas/Part");
  EXPECT_EQ(parts.at(1).at("required"), boost::json::value({"letters", "kept"}));
  EXPECT_EQ(boost::json::serialize(parts.at(1).at("properties").at("kept")),
            R"({"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"null"}]})");
  EXPECT_EQ(schemas.at("PartPage").at("examples").at(0).at("word"), "part");
  // What is made is never taken, and the request goes under a name of its own.
  boost::json::object taken;
  add_schemas(entity_of<PartPage>(), Use::request, taken);
  EXPECT_FALSE(taken.at("PartPageChange").at("allOf").at(1).at("properties").as_object().contains("letters"));
  PartPage page;
  EXPECT_FALSE(from_json({{"letters", {"a"}}}, page));
}

}  // namespace
}  // namespace linnet::record
