package dev.meshdx.finding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every code has its page, a check that reports it, and a test that mentions it; and every page has its code. */
class EveryCodeTest {
    private static final Path PROJECT =
            Path.of(System.getProperty("meshdx.root", "..")).toAbsolutePath().normalize();
    private static final Path PAGES = PROJECT.resolve("docs/findings");

    /** The codes, with the constants that hold them. */
    private static Map<FindingCode, Set<String>> codes() throws Exception {
        Map<FindingCode, Set<String>> codes = new TreeMap<>();
        Path classes = Path.of(FindingCode.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        for (Path file : files(classes, ".class")) {
            String name = classes.relativize(file).toString();
            if (name.endsWith("-info.class")) {
                continue;
            }
            Class<?> type = Class.forName(
                    name.substring(0, name.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'),
                    false,
                    FindingCode.class.getClassLoader());
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == FindingCode.class) {
                    field.setAccessible(true);
                    codes.computeIfAbsent((FindingCode) field.get(null), code -> new TreeSet<>())
                            .add(field.getName());
                }
            }
        }
        assertThat(codes).hasSizeGreaterThan(30);
        return codes;
    }

    private static Set<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return new TreeSet<>(
                    files.filter(file -> file.toString().endsWith(suffix)).toList());
        }
    }

    private static String texts(Set<Path> files) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : files) {
            all.append(file).append('\n').append(Files.readString(file)).append('\n');
        }
        return all.toString();
    }

    @Test
    void should_have_a_page() throws Exception {
        for (FindingCode code : codes().keySet()) {
            Path page = PAGES.resolve(code.code() + ".md");
            assertThat(page).as("page of %s", code.code()).exists();
            assertThat(Files.readString(page))
                    .as("page of %s", code.code())
                    .startsWith("# " + code.code() + " " + code.name() + ": ")
                    .contains("\n## What it means\n", "\n## How it shows\n", "\n## What to do\n", "\n## Limits\n");
        }
    }

    @Test
    void should_have_a_code_for_every_page() throws Exception {
        Set<String> known = new TreeSet<>();
        codes().keySet().forEach(code -> known.add(code.code()));
        for (Path page : files(PAGES, ".md")) {
            String name = page.getFileName().toString().replace(".md", "");
            if (!name.equals("README")) {
                assertThat(known).contains(name);
            }
        }
    }

    @Test
    void should_have_a_check_and_a_test() throws Exception {
        Set<Path> sources = files(PROJECT.resolve("sdk/src/main/java"), "Check.java");
        String checks = texts(sources);
        String tests = texts(files(PROJECT.resolve("sdk/src/test/java"), "Test.java"));
        Path fixtures = PROJECT.resolve("sdk/src/test/resources/checks");
        codes().forEach((code, constants) -> {
            assertThat(checks.contains(code.code()) || constants.stream().anyMatch(checks::contains))
                    .as("a check reports %s", code.code())
                    .isTrue();
            assertThat(tests.contains(code.code())
                            || constants.stream().anyMatch(tests::contains)
                            || Files.isDirectory(fixtures.resolve(code.code())))
                    .as("a test is about %s", code.code())
                    .isTrue();
        });
    }
}
