package dev.meshdx.source.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer hush.hush-hush refused",
                "jwt eyJhbGciOiJSUzI1NiJ9.hush.hush here",
                "?token=hushhush&x=1",
                "{\"password\": \"hushhush\"}",
                "client_secret='hushhush'",
                "-----BEGIN RSA PRIVATE KEY-----\nhush\nhush\n-----END RSA PRIVATE KEY----- and more",
                "-----BEGIN PRIVATE KEY-----\nhush, cut off"
            })
    void should_take_out_what_looks_like_a_secret(String text) {
        assertThat(PlainText.of(text)).doesNotContain("hush").contains("[redacted]");
    }

    @Test
    void should_take_out_the_credential_that_was_sent() {
        assertThat(PlainText.of("who is opaque-credential?", "Bearer opaque-credential"))
                .isEqualTo("who is [redacted]?");
    }

    @Test
    void should_be_one_short_line() {
        assertThat(PlainText.of("a\r\n\t b\u0007" + "x".repeat(1000)))
                .startsWith("a b x")
                .hasSize(PlainText.QUOTED + 1);
        assertThat(PlainText.of(null)).isEmpty();
    }

    @Test
    void should_leave_ordinary_messages_alone() {
        String message = "pods \"web-1\" is forbidden: User \"bob\" cannot get resource \"secrets\" in API group \"\"";

        assertThat(PlainText.of(message)).isEqualTo(message);
    }
}
