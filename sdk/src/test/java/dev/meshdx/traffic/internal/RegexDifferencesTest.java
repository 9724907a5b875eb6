package dev.meshdx.traffic.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Regular expressions as Envoy 1.40 reads them, recorded in {@code traffic/regexes.json}, and as re2j and {@link Regexes}
 * read them. {@code matches}: header matchers ({@code safe_regex}) with the values of a header, as text (sent in UTF-8) or as
 * bytes, or Envoy's words of refusal. {@code claims}: the same in RBAC, with claims of a token, which may hold line
 * breaks. {@code rewrites}: the {@code regex_rewrite} of a redirect, and the path of its location.
 * Envoy ran with the limit that Istio's bootstrap sets ({@code re2.max_program_size.error_level: 32768}).
 *
 * <p>Since 1.39 Envoy compiles with RE2's Latin-1: expression and value are bytes, and each byte is a character. Up to 1.38 it
 * compiled with UTF-8: {@code before} is what Envoy 1.38.3 said, where it was something else.
 */
class RegexDifferencesTest {
    /** What differs between RE2 and re2j, when both are given bytes. */
    private static final Set<String> ENGINES = Set.of(
            // RE2 has "any byte"; re2j does not know the escape.
            "accepts \\C",
            "accepts \\C\\C",
            "accepts a\\C",
            "accepts a\\C*b",
            // re2j refuses a name of groups that comes twice.
            "accepts (?P<n>a)(?P<n>b)",
            "accepts (?<n>a)(?P<n>b)",
            // Scripts of Unicode 13 and later: RE2's tables are newer.
            "accepts \\p{Kawi}",
            "accepts \\p{Vithkuqi}",
            "accepts \\p{Nag_Mundari}",
            // RE2 multiplies nested repetitions, and refuses more than 1000; re2j looks at each alone.
            "refuses (a{100}){11}",
            "refuses ((a{10}){10}){11}",
            "refuses ((a{100}){10}|b){10}",
            "refuses (?:(?:a{32}){32})",
            "refuses (((x{2}){2}){2}){200}",
            // Latin-1 has no code point above FF.
            "refuses \\x{100}",
            "refuses \\400",
            "refuses \\x{fffd}",
            "refuses \\x{10FFFF}",
            "refuses \\x{D800}",
            "refuses [\\x{0}-\\x{10FFFF}]",
            // RE2 refuses a backslash before any letter or byte it has no meaning for, re2j only before those of ASCII.
            "refuses \\\u00e9",
            // Not RE2 but the rules of the configuration: at least one character.
            "refuses ",
            // RE2 folds the case of ASCII only, re2j that of the upper half of Latin-1 too.
            "(?i)\\x{e9} on {\"bytes\":\"c9\",\"matches\":false}",
            "(?i)\u00e9 on {\"bytes\":\"e3a9\",\"matches\":false}");

    /** What differed between RE2 with UTF-8 and re2j with characters, among the expressions of {@code before}. */
    private static final Set<String> BEFORE = Set.of(
            // RE2 takes letters of any script in the name of a group.
            "accepts (?P<\u00e9>a)",
            // RE2 gives an expression a bounded amount of memory, and re2j does not.
            "refuses (\\pL{100}){10}",
            "refuses (?:\\pL{1,1000}){1}",
            "refuses [\\pL\\pN]{1000}",
            "refuses ((\\pL{0,100}){0,10})");

    private static Json recorded(String part) throws IOException {
        try (InputStream in = RegexDifferencesTest.class.getResourceAsStream("/traffic/regexes.json")) {
            return Json.read(Objects.requireNonNull(in)).at(part);
        }
    }

    private static List<Json> matchersOfHeadersAndClaims() throws IOException {
        return Stream.concat(recorded("matches").items().stream(), recorded("claims").items().stream())
                .toList();
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static Optional<Pattern> compiled(String regex, UnaryOperator<String> encoding) {
        try {
            return Optional.of(Pattern.compile(encoding.apply(regex)));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    private static void compareValidity(String regex, boolean theirs, boolean ours, List<String> differences) {
        if (theirs != ours) {
            differences.add((theirs ? "accepts " : "refuses ") + regex);
        }
    }

    @Test
    void should_agree_with_envoy_on_bytes_but_for_the_named_differences_of_the_engines() throws IOException {
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (Json row : matchersOfHeadersAndClaims()) {
            String regex = row.at("regex").text("");
            Optional<Pattern> pattern = compiled(regex, RegexDifferencesTest::bytes);
            compareValidity(regex, !row.at("refused").exists(), pattern.isPresent(), differences);
            for (Json input : pattern.isPresent() ? row.at("inputs").items() : List.<Json>of()) {
                compared++;
                String value = input.at("text")
                        .text()
                        .map(RegexDifferencesTest::bytes)
                        .orElseGet(() -> new String(
                                HexFormat.of().parseHex(input.at("bytes").text("")), StandardCharsets.ISO_8859_1));
                if (pattern.get().matches(value) != input.at("matches").bool(false)) {
                    differences.add(regex + " on " + input);
                }
            }
        }
        assertThat(compared).isGreaterThan(300);
        assertThat(differences).containsExactlyInAnyOrderElementsOf(ENGINES);
    }

    @Test
    void should_read_expressions_as_envoy() throws IOException {
        Regexes regexes = new Regexes();
        List<String> differences = new ArrayList<>();
        for (Json row : matchersOfHeadersAndClaims()) {
            String regex = row.at("regex").text("");
            compareValidity(regex, !row.at("refused").exists(), regexes.isValid(regex), differences);
            for (Json input : regexes.isValid(regex) ? row.at("inputs").items() : List.<Json>of()) {
                Optional<String> text = input.at("text").text();
                if (text.isPresent()
                        && regexes.matches(regex, text.get())
                                != input.at("matches").bool(false)) {
                    differences.add(regex + " on " + input);
                }
            }
        }
        assertThat(ENGINES).containsAll(differences);
    }

    /** Up to Envoy 1.38 a character was one of UTF-8: what {@code before} holds where it made a difference. */
    @Test
    void should_look_at_characters_as_envoy_did_before_1_39() throws IOException {
        Regexes old = new Regexes("1.38.3");
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (Json row : recorded("matches").items()) {
            String regex = row.at("regex").text("");
            Json before = row.at("before");
            boolean valid = old.isValid(regex);
            if (before.exists()) {
                compareValidity(regex, !before.at("refused").exists(), valid, differences);
            }
            for (Json input : valid ? before.at("inputs").items() : List.<Json>of()) {
                Optional<String> text = input.at("text").text();
                if (text.isPresent()) {
                    compared++;
                    if (old.matches(regex, text.get()) != input.at("matches").bool(false)) {
                        differences.add(regex + " on " + input);
                    }
                }
            }
        }
        assertThat(compared).isGreaterThan(40);
        assertThat(differences).containsExactlyInAnyOrderElementsOf(BEFORE);
    }

    @Test
    void should_rewrite_as_envoy() throws IOException {
        Regexes regexes = new Regexes();
        List<String> differences = new ArrayList<>();
        for (Json row : recorded("rewrites").items()) {
            String path = row.at("path").text("");
            String rewritten = regexes.replaceAll(
                    row.at("regex").text(""), row.at("substitution").text(""), path);
            // What the redirect makes of it: nothing is no rewrite, and a path begins with a slash.
            String location = rewritten.isEmpty() ? path : rewritten.startsWith("/") ? rewritten : "/" + rewritten;
            if (!location.equals(row.at("location").text(""))) {
                differences.add(row.at("substitution").text("") + " gives " + location);
            }
        }
        assertThat(differences).isEmpty();
    }
}
