package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /x?session=hidden1234 HTTP/1.1",
                "password=hidden1234",
                "\"password\": \"hidden1234\"",
                "Authorization: Bearer hidden1234",
                "'authorization', 'Bearer hidden1234'",
                "authorization: Basic hidden1234==",
                "refresh_token: hidden1234",
                "key: -----BEGIN RSA PRIVATE KEY-----\\nhidden1234\\n-----END RSA PRIVATE KEY-----",
                "cut off: -----BEGIN PRIVATE KEY----- hidden1234",
                "cookie: hidden1234"
            })
    void should_hide_what_looks_like_a_secret(String line) {
        assertThat(Redaction.line(line)).doesNotContain("hidden1234").contains("[redacted]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret: default is warming",
                "response code: 503",
                "SDS: PUSH request for node resources:1 size:1.1kB resource:ROOTCA",
                "GET /reviews/1?page=2&b=1 HTTP/1.1"
            })
    void should_leave_ordinary_lines_alone(String line) {
        assertThat(Redaction.line(line)).isEqualTo(line);
    }

    @Test
    void should_not_show_the_first_half_of_a_token_that_the_limit_cuts() {
        String token = "eyJhbGciOiJSUzI1NiJ9";
        String line = ("?token=" + "x".repeat(200) + " ").repeat(13) + "y".repeat(40) + " " + token + "z".repeat(500)
                + ".b.c";

        assertThat(Redaction.line(line)).doesNotContain(token);
    }

    @ParameterizedTest
    @CsvSource({
        "x",
        "?",
        "?token",
        "&a=",
        "eyJ",
        "eyJaaaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "a_token",
        "bearer ",
        "\"",
        "[",
        "\\"
    })
    void should_not_take_long_for_a_line_that_is_made_to(String part) {
        String line = part.repeat(1_000_000 / part.length());
        long start = System.nanoTime();
        LogLines lines = LogParser.read(line + "\n[" + line + "\n2026-01-01T00:00:00.000000Z\tinfo\t" + line);

        assertThat(lines.toString().length()).isLessThan(1000);
        assertThat(lines.patterns().toString()).isNotNull();
        assertThat(lines.accessLog().toString()).isNotNull();
        assertThat(Redaction.line(line).length()).isLessThan(1000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    /** What is skipped without a search must be such that a search changes nothing. */
    @Test
    void should_change_nothing_in_what_counts_as_plain() {
        String[] parts = {
            "?",
            "&",
            ";",
            "=",
            " ",
            "a",
            "token",
            "secret=",
            "eyJ",
            "aaaaaaaa",
            ".",
            "auth",
            "key",
            "code",
            "cookie",
            ":",
            ",",
            "passwd",
            "basic ",
            "bearer_",
            "client_secret",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "_token",
            "api-key",
            "authorization",
            "\"",
            "x9"
        };
        Random random = new Random(5);
        int plain = 0;
        for (int run = 0; run < 100_000; run++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                line.append(parts[random.nextInt(parts.length)]);
            }
            byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
            if (Redaction.isPlain(bytes, 0, bytes.length)) {
                plain++;
                assertThat(Redaction.text(line.toString())).isEqualTo(line.toString());
            }
        }
        assertThat(plain).isGreaterThan(10_000);
    }
}
