package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogPattern;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Code on a page is a region of a file that is compiled and run by a test, so it can't rot: {@code <!-- snippet: FILE#REGION
 * -->} stands before the block. {@code -Dmeshdx.docs.update=true} writes the blocks anew.
 */
class PagesTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SNIPPET =
            Pattern.compile("<!-- snippet: ([^#\\s]+)#([\\w-]+) -->\n```(\\w+)\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("README.md")));
        try (Stream<Path> files = Files.walk(PROJECT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        assertThat(pages).hasSizeGreaterThan(10);
        return pages;
    }

    @Test
    void should_show_only_code_that_is_compiled_and_run() throws IOException {
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher snippet = SNIPPET.matcher(text);
            StringBuilder updated = new StringBuilder();
            int included = 0;
            while (snippet.find()) {
                included++;
                String region = region(PROJECT.resolve(snippet.group(1)), snippet.group(2));
                String block = "<!-- snippet: " + snippet.group(1) + "#" + snippet.group(2) + " -->\n```"
                        + snippet.group(3) + "\n" + region + "```\n";
                snippet.appendReplacement(updated, Matcher.quoteReplacement(block));
            }
            snippet.appendTail(updated);
            if (Boolean.getBoolean("meshdx.docs.update")) {
                Files.writeString(page, updated);
                text = updated.toString();
            }
            assertThat(text).as("%s: a snippet differs from its file", page).isEqualTo(updated.toString());
            assertThat(text.split("```java\n", -1).length - 1)
                    .as("%s: every block of Java is a snippet", page)
                    .isEqualTo(included);
        }
    }

    @Test
    void should_link_to_what_is_there() throws IOException {
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://")) {
                    assertThat(page.resolveSibling(target))
                            .as("link on %s", page)
                            .exists();
                }
            }
        }
    }

    @Test
    void should_link_to_headings_that_are_there() throws IOException {
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher link = Pattern.compile("\\]\\(#([^)]+)\\)").matcher(text);
            while (link.find()) {
                assertThat(text.lines()
                                .filter(line -> line.startsWith("#"))
                                .map(line -> line.replaceFirst("#+ ", "")
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[^a-z0-9 -]", "")
                                        .replace(' ', '-')))
                        .as("headings of %s", page)
                        .contains(link.group(1));
            }
        }
    }

    @Test
    void should_list_every_scenario_on_the_page_of_the_testkit() throws IOException {
        String page = Files.readString(PROJECT.resolve("docs/testkit.md"));
        for (Scenario scenario : Scenario.all()) {
            String row = page.lines()
                    .filter(line -> line.startsWith("| `" + scenario.id() + "` | " + scenario.title() + " |"))
                    .findFirst()
                    .orElse("");
            assertThat(row).as("row of %s", scenario).isNotEmpty();
            scenario.expectedCodes()
                    .forEach(code -> assertThat(row).contains("[" + code + "](findings/" + code + ".md)"));
        }
    }

    @Test
    void should_list_every_pattern_of_logs_with_a_line() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Log patterns

                What [`meshdx logs`](logs.md) looks for: what a line means, what is likely behind it, what to look at next, and a line
                that matches. A line counts for each pattern that it matches: a general one and the specific ones beside it.
                """);
        Map<String, List<LogPattern>> writers = new LinkedHashMap<>();
        for (LogPattern pattern : LogPattern.all()) {
            writers.computeIfAbsent(writers(pattern), key -> new ArrayList<>()).add(pattern);
        }
        writers.forEach((writer, patterns) -> {
            page.append("\n## ")
                    .append(writer)
                    .append(
                            "\n\n| pattern | meaning | may be | next | findings | a line |\n| --- | --- | --- | --- | --- | --- |\n");
            patterns.forEach(pattern -> page.append("| `")
                    .append(pattern.id())
                    .append("` (")
                    .append(pattern.severity())
                    .append(") | ")
                    .append(cell(pattern.meaning()))
                    .append(" | ")
                    .append(cell(String.join("<br>", pattern.causes())))
                    .append(" | ")
                    .append(cell(String.join("<br>", pattern.next())))
                    .append(" | ")
                    .append(pattern.findings().stream()
                            .map(code -> "[" + code + "](findings/" + code + ".md)")
                            .collect(Collectors.joining(", ")))
                    .append(" | `")
                    .append(pattern.example()
                            .replace("|", "\\|")
                            .replace("`", "'")
                            .replaceAll("[\t\n]", " "))
                    .append("` |\n"));
        });
        Path file = PROJECT.resolve("docs/log-patterns.md");
        if (Boolean.getBoolean("meshdx.docs.update")) {
            Files.writeString(file, page);
        }
        assertThat(file).hasContent(page.toString());
    }

    private static String writers(LogPattern pattern) {
        return pattern.writers().contains(LineKind.ACCESS)
                ? "Access logs"
                : pattern.writers().contains(LineKind.ENVOY)
                        ? "Messages of Envoy"
                        : pattern.writers().contains(LineKind.AGENT)
                                ? "Messages of the agent, istiod and the CNI agent"
                                : pattern.writers().contains(LineKind.ZTUNNEL) ? "ztunnel" : "Other lines";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("<(?!br>)", "&lt;").replace("\n", " ");
    }

    /** What the groups of codes are about: the first digits of a code say it. */
    private static final Map<String, String> GROUPS = groups();

    private static Map<String, String> groups() {
        Map<String, String> groups = new LinkedHashMap<>();
        groups.put("IST", "Configuration (the codes of istioctl analyze)");
        groups.put("MDX01", "Health: control plane and sync");
        groups.put("MDX02", "Configuration beyond istioctl");
        groups.put("MDX03", "Traffic: what the proxies received");
        groups.put("MDX04", "Logs: what the sidecars say");
        groups.put("MDX05", "Security: mTLS and certificates");
        return groups;
    }

    @Test
    void should_list_every_code_in_the_index() throws IOException {
        StringBuilder index = new StringBuilder("""
                # Findings

                One page a code: what it means, how it shows, what to do, where its limits are. `meshdx explain CODE` prints a
                page, `meshdx analyze --suppress "CODE=Kind name.namespace"` leaves a finding out.
                """);
        Map<String, List<String>> rows = new LinkedHashMap<>();
        GROUPS.keySet().forEach(group -> rows.put(group, new ArrayList<>()));
        for (Path page : pages()) {
            String file = String.valueOf(page.getFileName());
            if (!file.matches("[A-Z]{3}\\d{4}\\.md")) {
                continue;
            }
            Matcher title = Pattern.compile("# ([A-Z]{3}\\d{4}) (\\w+): (.+)")
                    .matcher(Files.readAllLines(page).get(0));
            assertThat(title.matches()).as("title of %s", file).isTrue();
            assertThat(file).isEqualTo(title.group(1) + ".md");
            String group = GROUPS.keySet().stream()
                    .filter(file::startsWith)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(file + " belongs to no group"));
            rows.getOrDefault(group, List.of())
                    .add("| [" + title.group(1) + "](" + file + ") | " + title.group(2) + " | " + title.group(3)
                            + " |\n");
        }
        rows.forEach((group, lines) -> {
            if (!lines.isEmpty()) {
                index.append("\n## ").append(GROUPS.get(group)).append("\n\n| code | name | |\n| --- | --- | --- |\n");
                lines.forEach(index::append);
            }
        });
        Path file = PROJECT.resolve("docs/findings/README.md");
        if (Boolean.getBoolean("meshdx.docs.update")) {
            Files.writeString(file, index);
        }
        assertThat(file).hasContent(index.toString());
        for (FindingCode code : AnalysisOptions.known()) {
            assertThat(index).contains("| [" + code.code() + "](" + code.code() + ".md) | " + code.name() + " |");
        }
    }

    /** Kiali's validations. Source: kiali/kiali, {@code models/istio_validation.go}. */
    private static final List<String> KIALI = Stream.of(
                    "KIA0002 KIA0003 KIA0004 KIA0005 KIA0101 KIA0102 KIA0104 KIA0105 KIA0106 KIA0107 KIA0108 KIA0109 KIA0110"
                            .split(" "),
                    "KIA0201 KIA0202 KIA0203 KIA0204 KIA0205 KIA0206 KIA0207 KIA0208 KIA0209 KIA0210 KIA0211 KIA0212 KIA0301"
                            .split(" "),
                    "KIA0302 KIA0401 KIA0501 KIA0505 KIA0506 KIA0601 KIA0602 KIA0701 KIA1004 KIA1006 KIA1007 KIA1101 KIA1102"
                            .split(" "),
                    "KIA1104 KIA1105 KIA1106 KIA1107 KIA1108 KIA1109 KIA1110 KIA1111 KIA1112 KIA1113 KIA1114 KIA1115 KIA1116"
                            .split(" "),
                    "KIA1117 KIA1211 KIA1212 KIA1301 KIA1311 KIA1312 KIA1313 KIA1314 KIA1315 KIA1316 KIA1317 KIA1401 KIA1402"
                            .split(" "),
                    "KIA1501 KIA1502 KIA1503 KIA1504 KIA1601 KIA1701 KIA1702 GWAPI".split(" "))
            .flatMap(java.util.Arrays::stream)
            .toList();

    private static final Pattern COUNTERPARTS = Pattern.compile("Counterparts: istioctl (.+); Kiali (.+)\\.");

    @Test
    void should_compare_every_code_with_istioctl_and_kiali() throws IOException {
        Map<String, String> severities = new TreeMap<>();
        AnalysisOptions.known()
                .forEach(code -> severities.put(code.code(), code.severity().toString()));
        StringBuilder codes = new StringBuilder();
        Map<String, List<String>> answers = new TreeMap<>();
        for (Path page : pages()) {
            String file = String.valueOf(page.getFileName());
            if (!file.matches("[A-Z]{3}\\d{4}\\.md")) {
                continue;
            }
            List<String> lines = Files.readAllLines(page);
            String code = file.substring(0, 7);
            Matcher counterparts = COUNTERPARTS.matcher(lines.get(2));
            assertThat(counterparts.matches())
                    .as("third line of %s: %s", file, lines.get(2))
                    .isTrue();
            String kiali = counterparts.group(2);
            String link = "[" + code + "](findings/" + file + ")";
            codes.append("| ").append(link);
            codes.append(" | ").append(severities.getOrDefault(code, ""));
            codes.append(" | ").append(lines.get(0).substring(lines.get(0).indexOf(':') + 2));
            codes.append(" | ").append(none(counterparts.group(1)));
            codes.append(" | ").append(none(kiali)).append(" |\n");
            for (String one : kiali.split(", ")) {
                if (!one.equals("none")) {
                    String name = one.replace(" in part", "");
                    assertThat(KIALI).as("Kiali's code %s on %s", name, file).contains(name);
                    answers.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(link + (one.endsWith("in part") ? " in part" : ""));
                }
            }
        }
        StringBuilder kiali = new StringBuilder();
        KIALI.forEach(code -> kiali.append("| ")
                .append(code)
                .append(" | ")
                .append(String.join(", ", answers.getOrDefault(code, List.of())))
                .append(" |\n"));
        Path file = PROJECT.resolve("docs/coverage.md");
        String text = Files.readString(file);
        text = between(
                text,
                "codes",
                "| code | severity | what is wrong | istioctl | Kiali |\n| --- | --- | --- | --- | --- |\n" + codes);
        text = between(text, "kiali", "| Kiali | meshdx |\n| --- | --- |\n" + kiali);
        if (Boolean.getBoolean("meshdx.docs.update")) {
            Files.writeString(file, text);
        }
        assertThat(file).hasContent(text);
        assertThat(answers.keySet())
                .as("Kiali's validations that no page answers to")
                .containsAll(KIALI);
    }

    private static String none(String counterpart) {
        return counterpart.equals("none") ? "–" : counterpart;
    }

    /** Puts a generated table between its two marks. */
    private static String between(String text, String name, String table) {
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- end of " + name + " -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end);
        assertThat(to).isGreaterThan(from - 1);
        return text.substring(0, from) + "\n" + table + "\n" + text.substring(to);
    }

    @Test
    void should_show_the_two_commands_in_blocks_of_their_own() throws IOException {
        String readme = Files.readString(PROJECT.resolve("README.md"));

        List<String> blocks = new ArrayList<>();
        Matcher block = Pattern.compile("```(\\w+)\n(.*?)```\n", Pattern.DOTALL).matcher(readme);
        while (block.find()) {
            blocks.add(block.group(1) + ": " + block.group(2).strip());
        }
        assertThat(blocks).hasSize(3);
        assertThat(blocks.get(0)).startsWith("java: ");
        assertThat(blocks.get(0).lines()).hasSizeLessThanOrEqualTo(6);
        assertThat(blocks.subList(1, 3)).containsExactly("sh: ./mvnw -q -Pdemo", "sh: ./mvnw verify");
    }

    /** The lines between {@code // #region NAME} and {@code // #endregion}, without their common indent. */
    private static String region(Path file, String name) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(file)) {
            if (line.strip().equals("// #region " + name)) {
                inside = true;
            } else if (line.strip().equals("// #endregion")) {
                inside = false;
            } else if (inside) {
                lines.add(line);
            }
        }
        assertThat(lines).as("region %s of %s", name, file).isNotEmpty();
        int indent = lines.stream()
                .filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length())
                .min()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line.length() >= indent ? line.substring(indent) : line).append('\n');
        }
        return text.toString();
    }
}
