package dev.meshdx.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.meshdx.check.Check;
import dev.meshdx.finding.FindingCode;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code has a check, a page and tests; every page and every test fixture has a code. */
class CodesTest {
    private static final Path ROOT = Path.of(System.getProperty("meshdx.root", ".."));
    private static final Path PAGES = ROOT.resolve("docs/findings");
    private static final Pattern CODE = Pattern.compile("(IST|MDX)\\d{4}");

    /** How a test says that nothing was found. */
    private static final Pattern SILENCE = Pattern.compile("isEmpty\\(\\)|doesNotContain|noneMatch|silent");

    private static final Map<FindingCode, Set<Class<?>>> CHECKS = checks();
    private static final Map<Path, String> TESTS = tests();

    private static Map<FindingCode, Set<Class<?>>> checks() {
        Map<FindingCode, Set<Class<?>>> found = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.meshdx")) {
            if (type.isAssignableTo(Check.class)
                    && !type.isInterface()
                    && !type.getModifiers().contains(JavaModifier.ABSTRACT)) {
                Check<?> check = instance(type.reflect());
                check.codes()
                        .forEach(code -> found.computeIfAbsent(code, key -> new java.util.LinkedHashSet<>())
                                .add(check.getClass()));
            }
        }
        return found;
    }

    /** By its constructor without parameters: what a check needs to know is in the model. */
    private static Check<?> instance(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return (Check<?>) constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made without parameters", e);
        }
    }

    private static Map<Path, String> tests() {
        Map<Path, String> tests = new LinkedHashMap<>();
        for (String folder : List.of("sdk/src/test", "sdk-testkit/src/test")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith("Test.java")) {
                        tests.put(file, Files.readString(file));
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return tests;
    }

    static Set<FindingCode> codes() {
        return CHECKS.keySet();
    }

    @Test
    void should_find_the_checks() {
        assertThat(CHECKS).hasSizeGreaterThan(50);
        assertThat(CHECKS.values().stream().flatMap(Set::stream))
                .allSatisfy(check -> assertThat(check.getSimpleName()).endsWith("Check"));
    }

    @Test
    void should_give_each_code_one_name_and_each_name_one_code() {
        List<String> twice = new ArrayList<>();
        CHECKS.keySet().stream()
                .collect(Collectors.groupingBy(FindingCode::code))
                .forEach((code, kinds) -> {
                    if (kinds.size() > 1) {
                        twice.add(code + ": " + kinds);
                    }
                });
        CHECKS.keySet().stream()
                .collect(Collectors.groupingBy(FindingCode::name))
                .forEach((name, kinds) -> {
                    if (kinds.size() > 1) {
                        twice.add(name + ": " + kinds);
                    }
                });

        assertThat(twice).isEmpty();
        assertThat(CHECKS.keySet()).allSatisfy(code -> assertThat(code.code()).matches(CODE));
    }

    @ParameterizedTest
    @MethodSource("codes")
    void should_have_a_page(FindingCode code) throws IOException {
        String page = Files.readString(ROOT.resolve(code.documentation()));

        assertThat(page.lines().findFirst().orElse(""))
                .startsWith("# " + code.code() + " " + code.name() + ": ")
                .hasSizeGreaterThan(20);
        assertThat(page).contains("\n## What it means\n", "\n## How it shows\n", "\n## What to do\n", "\n## Limits\n");
    }

    /**
     * Some test must speak of the code or of one of its checks, and the same test must show silence too. The checks of the
     * configuration have files instead: those with the code's name that are bad, and those that are good.
     */
    @ParameterizedTest
    @MethodSource("codes")
    void should_be_tested_firing_and_silent(FindingCode code) throws IOException {
        Path fixtures = ROOT.resolve("sdk/src/test/resources/checks").resolve(code.code());
        if (Files.isDirectory(fixtures)) {
            try (Stream<Path> files = Files.list(fixtures)) {
                Set<String> kinds = files.map(file -> file.getFileName().toString())
                        .map(name -> name.startsWith("bad") ? "bad" : name.startsWith("good") ? "good" : name)
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat(kinds).contains("bad", "good");
            }
            return;
        }
        List<String> speaking = TESTS.values().stream()
                .filter(test -> test.contains(code.code())
                        || CHECKS.getOrDefault(code, Set.of()).stream()
                                .anyMatch(check -> test.contains(check.getSimpleName())))
                .toList();

        assertThat(speaking).as("tests that fire " + code).isNotEmpty();
        assertThat(speaking)
                .as("tests that show when " + code + " stays silent")
                .anyMatch(test -> SILENCE.matcher(test).find());
    }

    @Test
    void should_have_no_page_without_a_code() throws IOException {
        Set<String> codes = CHECKS.keySet().stream().map(FindingCode::code).collect(Collectors.toSet());
        try (Stream<Path> pages = Files.list(PAGES)) {
            List<String> names = pages.map(page -> page.getFileName().toString())
                    .filter(name -> CODE.matcher(name.replace(".md", "")).matches())
                    .map(name -> name.replace(".md", ""))
                    .toList();
            assertThat(codes).containsAll(names);
        }
    }
}
