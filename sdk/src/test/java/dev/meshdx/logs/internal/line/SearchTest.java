package dev.meshdx.logs.internal.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The parts that look at bytes, against the slow and obvious way to do the same. */
class SearchTest {
    /** Hands out a few bytes at a time, as a network does. */
    private static InputStream dripping(byte[] bytes, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(length, 1 + random.nextInt(7)));
            }
        };
    }

    @Test
    void should_cut_a_stream_into_the_same_lines_however_it_arrives() throws IOException {
        Random random = new Random(1);
        for (int run = 0; run < 200; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                text.append("ab\r\n\t ü".charAt(random.nextInt(7)));
            }
            List<String> lines = new ArrayList<>();
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);

            long read = LineFeed.read(
                    dripping(bytes, random),
                    (buffer, start, end) -> lines.add(new String(buffer, start, end - start, StandardCharsets.UTF_8)));

            List<String> expected = new ArrayList<>(List.of(text.toString().split("\n", -1)));
            if (expected.get(expected.size() - 1).isEmpty()) {
                expected.remove(expected.size() - 1);
            }
            expected.replaceAll(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            assertThat(lines).isEqualTo(expected);
            assertThat(read).isEqualTo(bytes.length);
        }
    }

    @Test
    void should_cut_lines_that_are_too_long_and_go_on_behind_them() throws IOException {
        String text = "first\n" + "x".repeat(5_000_000) + "\nlast\n" + "y".repeat(3_000_000);
        List<Integer> lengths = new ArrayList<>();

        LineFeed.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                (buffer, start, end) -> lengths.add(end - start));

        assertThat(lengths).containsExactly(5, 1024 * 1024, 4, 1024 * 1024);
    }

    @Test
    void should_find_what_indexOf_finds() {
        Random random = new Random(2);
        for (int run = 0; run < 2_000; run++) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                texts.add(word(random, 4 + random.nextInt(9)));
            }
            String text = word(random, random.nextInt(200));
            boolean tolerant = random.nextBoolean();
            LiteralSet set = new LiteralSet(texts, tolerant);
            long[] hits = new long[set.words()];
            byte[] bytes = ("__" + text + "##").getBytes(StandardCharsets.UTF_8);

            boolean any = set.find(bytes, 2, bytes.length - 2, hits);

            boolean expected = false;
            for (int i = 0; i < texts.size(); i++) {
                String wanted = texts.get(i);
                boolean there = tolerant
                        ? text.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT))
                                || text.toLowerCase(Locale.ROOT)
                                        .contains(
                                                wanted.toLowerCase(Locale.ROOT).replace(' ', '_'))
                        : text.contains(wanted);
                assertThat((hits[0] >> i & 1) == 1).as("%s in %s", wanted, text).isEqualTo(there);
                expected |= there;
            }
            assertThat(any).isEqualTo(expected);
        }
        assertThatThrownBy(() -> new LiteralSet(List.of("abc"), false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LiteralSet(List.of(), false)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Few letters, so that there is something to find. */
    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("aAb _".charAt(random.nextInt(5)));
        }
        return word.toString();
    }

    @Test
    void should_count_the_lines_that_grep_counts() throws IOException {
        Random random = new Random(3);
        for (int run = 0; run < 300; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 400; i++) {
                text.append("ab\n".charAt(random.nextInt(3)));
            }
            List<String> texts = List.of("abab", "bbaab");

            long count = LineCounter.count(dripping(text.toString().getBytes(StandardCharsets.UTF_8), random), texts);

            assertThat(count)
                    .isEqualTo(text.toString()
                            .lines()
                            .filter(line -> texts.stream().anyMatch(line::contains))
                            .count());
        }
    }

    @Test
    void should_read_times_as_the_library_does() {
        Random random = new Random(4);
        for (int run = 0; run < 20_000; run++) {
            Instant time =
                    Instant.ofEpochSecond(random.nextInt(Integer.MAX_VALUE) * 2L, random.nextInt(1_000_000) * 1000L);
            byte[] text = time.toString().getBytes(StandardCharsets.US_ASCII);

            long micros = Timestamps.micros(text, 0, text.length);

            assertThat(Line.instant(micros)).isEqualTo(time.truncatedTo(ChronoUnit.MICROS));
        }
        assertThat(micros("2026-01-02T03:04:05.678+0100")).isEqualTo(micros("2026-01-02T02:04:05.678Z"));
        assertThat(micros("2026-01-02T03:04:05-01:30")).isEqualTo(micros("2026-01-02T04:34:05Z"));
        assertThat(micros("2026-01-02 03:04:05.6")).isEqualTo(micros("2026-01-02T03:04:05.600Z"));
        for (String none : List.of(
                "",
                "2026",
                "2026-13-02T03:04:05Z",
                "2026-01-02T25:04:05Z",
                "2026-01-02T03:0x:05Z",
                "2026-01-02T03:04:05Q",
                "2026-01-02T03:04:05+1")) {
            assertThat(micros(none)).as(none).isEqualTo(Timestamps.NONE);
        }
    }

    private static long micros(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return Timestamps.micros(bytes, 0, bytes.length);
    }
}
