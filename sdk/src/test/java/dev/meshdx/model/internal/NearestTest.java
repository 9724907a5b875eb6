package dev.meshdx.model.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Test
    void should_suggest_what_a_slip_of_the_pen_explains() {
        assertThat(Nearest.to("reviws", List.of("ratings", "reviews", "review", "details")))
                .containsExactly("reviews", "review");
        assertThat(Nearest.to("Web", List.of("web", "wob", "Web"))).containsExactly("web", "wob");
        assertThat(Nearest.to("payments", List.of("orders", "p"))).isEmpty();
    }

    /** The band must not change the answer. */
    @Test
    void should_measure_as_the_textbook_does_up_to_the_limit() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String left = word(random);
            String right = word(random);
            int limit = 1 + random.nextInt(5);
            int exact = textbook(left, right);
            int measured = Nearest.distance(left, right, limit);
            assertThat(measured <= limit).as("%s %s %d", left, right, limit).isEqualTo(exact <= limit);
            if (exact <= limit) {
                assertThat(measured).as("%s %s %d", left, right, limit).isEqualTo(exact);
            }
        }
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        int length = random.nextInt(9);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(3)));
        }
        return word.toString();
    }

    private static int textbook(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0
                        ? i + j
                        : Math.min(
                                cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1),
                                Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
            }
        }
        return cost[a.length()][b.length()];
    }
}
