#pragma once

#include <string_view>

namespace linnet::app {

// What the people of the sample stream write about and are called.
inline constexpr std::string_view kSampleTopics[] = {
    "photography", "gardening", "opensource", "books",   "cycling",   "bread",   "linux",    "art",
    "cats",        "dogs",      "climate",    "music",   "history",   "birds",   "chess",    "knitting",
    "space",       "maps",      "coffee",     "film",    "fediverse", "writing", "football", "running",
    "trains",      "science",   "poetry",     "cooking", "design",    "travel",  "teaching", "mushrooms",
    "astronomy",   "radio",     "jazz",       "museums"};
inline constexpr std::string_view kSampleMoments[] = {
    "monday",  "caturday", "nofilter", "today", "live",    "tips",    "help",     "makers",
    "morning", "club",     "lovers",   "news",  "weekend", "stories", "question", "diy"};
inline constexpr std::string_view kSampleOpenings[] = {
    "Good morning from a very wet harbour.",
    "I finally finished the thing I have been putting off since spring.",
    "Does anyone here know a good book about this?",
    "Small victory today:",
    "Three hours later I understand why nobody does it this way.",
    "We are looking for two volunteers for Saturday.",
    "The light over the hills this evening was wonderful.",
    "Unpopular opinion, but hear me out.",
    "This is the worst release I have seen in years, everything is broken.",
    "A thread about what we learned while moving our library to a smaller building.",
    "Thank you all for the kind words yesterday, it really helped.",
    "Note to self: label the jars.",
    "The new issue is out, and I am so happy with how the cover turned out!",
    "Found this in my grandmother's attic.",
    "I am sad to report that the café on the corner has closed for good.",
    "Here is the recipe that so many of you asked for.",
    "Tonight at eight we talk about old maps and the mistakes in them.",
    "What a terrible commute, two cancelled trains and rain through the roof.",
    "Our students built a weather station out of scrap parts and it works.",
    "If you are new here: use hashtags, that is how people find you."};
inline constexpr std::string_view kSampleMiddles[] = {
    "It took four attempts, a borrowed ladder and more patience than I usually have.",
    "I wrote down the steps so that the next person does not have to guess.",
    "The short version is that measuring beats guessing, every single time.",
    "Nobody was hurt, but the sourdough starter did not survive.",
    "We counted forty-one starlings, two herons and one very confused parrot.",
    "The documentation says otherwise, the documentation is wrong.",
    "My neighbour says it cannot be done, which is the best motivation I know.",
    "There is room for twelve people, children are welcome, dogs as well.",
    "I hate how hard they make it to repair something so simple.",
    "It is free, it is open, and you can run it on the machine under your desk.",
    "More pictures tomorrow when the batteries are charged.",
    "I love this community so much."};
inline constexpr std::string_view kSampleFirstNames[] = {
    "ada",  "bela", "chidi", "dana",  "emre",  "fatou", "goran", "hana", "ines", "jonas", "kaya", "lena",
    "milo", "noor", "olga",  "pavel", "quinn", "rosa",  "sami",  "tove", "uma",  "vera",  "wim",  "yara"};
inline constexpr std::string_view kSampleLastNames[] = {
    "birch", "brook", "carver", "dune",  "ember", "field", "gale",   "heath", "islet", "jade",
    "knoll", "lark",  "moss",   "north", "olive", "pine",  "quartz", "reed",  "stone", "thorn"};
inline constexpr std::string_view kSampleServers[] = {"",
                                                      "",
                                                      "",
                                                      "harbour.example",
                                                      "books.example",
                                                      "makers.example",
                                                      "stadt.example",
                                                      "birds.example",
                                                      "science.example"};

}  // namespace linnet::app
