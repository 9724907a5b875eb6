package dev.meshdx.traffic.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteralPartTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/[^/]+/item-7(/.*)? /item-7",
                ".*\\.example\\.com .example.com",
                "ab?c a",
                "ab*cde cde",
                "ab+c ab",
                "a{2,3}bc bc",
                "a[]b]cd cd",
                "a[^]b]cd cd",
                "a[\\]b]cd cd",
                "a(bcd)?ef ef",
                "a(bcd)ef ef",
                "\\d+/users /users",
                "a\\x41bc a",
                "é+abc abc",
                "aé*b a",
            })
    void should_be_the_longest_that_is_needed(String expression, String part) {
        assertThat(LiteralPart.of(expression)).isEqualTo(part);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"abc|def", "(?i)abc", "[[:alpha:]]abc", "\\Qab", "\\pLab", ".*", "(abc)*"})
    void should_be_nothing_where_it_is_not_plain_to_see(String expression) {
        assertThat(LiteralPart.of(expression)).isEmpty();
    }

    @Test
    void should_be_in_every_text_that_an_expression_takes() {
        Random random = new Random(7);
        int taken = 0;
        for (int i = 0; i < 60_000; i++) {
            String expression = text(random, "aabb\\.*+?()[]^$|{1,2}-é", 8);
            Pattern pattern;
            try {
                pattern = Pattern.compile(new Regexes().bytes(expression));
            } catch (PatternSyntaxException e) {
                continue;
            }
            String part = LiteralPart.of(expression);
            String prefix = LiteralPrefix.of(expression, false);
            for (int j = 0; j < 20; j++) {
                String candidate = text(random, "aaabbb.1-{}[é", 5);
                if (pattern.matches(new Regexes().bytes(candidate))) {
                    taken++;
                    assertThat(candidate).as(expression).contains(part).startsWith(prefix);
                }
            }
        }
        assertThat(taken).isGreaterThan(10_000);
    }

    private static String text(Random random, String letters, int longest) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(longest + 1); i > 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
