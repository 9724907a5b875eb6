package dev.meshdx.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeLookupTest {
    private static final List<String> PODS =
            List.of("ratings-v1-5d8f-abcde", "web-7d4b9-aaaaa", "web-7d4b9-bbbbb", "web-admin-1", "web-admin-2");

    @Test
    void should_suggest_what_a_slip_of_the_pen_explains() {
        assertThat(ScopeLookup.near("web-7d4b9-aaaab", PODS)).startsWith("web-7d4b9-aaaaa");
    }

    @Test
    void should_suggest_the_pods_of_the_workload() {
        assertThat(ScopeLookup.near("web", PODS)).containsExactly("web-7d4b9-aaaaa", "web-7d4b9-bbbbb", "web-admin-1");
        assertThat(ScopeLookup.near("ratings-v1-9c7c-xyz12", PODS)).containsExactly("ratings-v1-5d8f-abcde");
        assertThat(ScopeLookup.near("web-0", PODS)).hasSize(3);
    }

    @Test
    void should_suggest_nothing_where_nothing_is_like_it() {
        assertThat(ScopeLookup.near("payments", PODS)).isEmpty();
        assertThat(ScopeLookup.near("", PODS)).isEmpty();
    }
}
