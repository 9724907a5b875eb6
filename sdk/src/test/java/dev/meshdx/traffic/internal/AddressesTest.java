package dev.meshdx.traffic.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.4.5",
                "1..3.4",
                "1.2.3.",
                ".1.2.3",
                "256.1.1.1",
                "1.2.3.0004",
                "1.2.3.x",
                "1.2.3.-4",
                "localhost",
                "::g",
                ".:1",
                "1:2",
                "[1.2.3",
                "1.2.3.4:80"
            })
    void should_be_no_address(String text) {
        assertThat(Addresses.bytes(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.200.255", "[10.0.200.255]", "010.000.200.255", "::ffff:10.0.200.255"})
    void should_be_an_ipv4_address(String text) {
        assertThat(Addresses.bytes(text))
                .hasValueSatisfying(bytes -> assertThat(bytes).containsExactly(10, 0, 200, 255));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fd00::1", "[fd00::1]", "FD00:0:0:0::0001"})
    void should_be_an_ipv6_address(String text) {
        assertThat(Addresses.bytes(text))
                .hasValueSatisfying(bytes ->
                        assertThat(bytes).hasSize(16).startsWith(0xfd, 0).endsWith(0, 1));
    }
}
