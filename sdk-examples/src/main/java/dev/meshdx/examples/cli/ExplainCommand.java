package dev.meshdx.examples.cli;

import dev.meshdx.logs.LogPattern;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = "Prints the page of a finding code, or what a pattern of logs means.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx explain IST0101",
            "  meshdx explain no-healthy-upstream",
            "  meshdx explain --list"
        })
final class ExplainCommand implements Callable<Integer> {
    /** A line of the index: {@code | [IST0101](IST0101.md) | Name | title |}. */
    private static final Pattern ENTRY = Pattern.compile("\\| \\[([A-Z]{3}\\d{4})]\\([^)]*\\) \\| (\\w+) \\| (.*) \\|");

    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Parameters(
            paramLabel = "CODE",
            arity = "0..1",
            description = "Such as IST0101, or a pattern such as no-healthy-upstream.")
    @Nullable
    String code;

    @Option(names = "--list", description = "List the codes instead.")
    boolean list;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            page("README")
                    .lines()
                    .map(ENTRY::matcher)
                    .filter(Matcher::matches)
                    .forEach(entry -> out.println(
                            String.format("%-8s %-36s %s", entry.group(1), entry.group(2), entry.group(3))));
        } else if (code == null) {
            throw new ParameterException(spec.commandLine(), "explain needs a CODE such as IST0101, or --list");
        } else {
            String wanted = code.trim().toUpperCase(Locale.ROOT);
            String page = wanted.matches("(IST|MDX)[0-9]{4}")
                    ? page(wanted)
                    : LogPattern.of(code.trim().toLowerCase(Locale.ROOT))
                            .map(pattern -> pattern + "\n  line:   " + pattern.example() + "\n")
                            .orElse("");
            if (page.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "there is no page for " + code + "; the codes: meshdx explain --list");
            }
            out.print(page);
        }
        out.flush();
        return 0;
    }

    private static String page(String name) throws IOException {
        try (InputStream page = ExplainCommand.class.getResourceAsStream("/findings/" + name + ".md")) {
            return page == null ? "" : new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
