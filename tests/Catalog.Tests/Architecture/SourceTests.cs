using System.Text.RegularExpressions;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>Rules about files as people read them.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 400;
    private const int MaxColumns = 140;

    [Fact]
    public void Files_are_short_enough_to_read() =>
        Verdict.None(Repository.Sources("src").Concat(Repository.Sources("tests"))
            .Select(path => (Path: path, Lines: File.ReadLines(Repository.File(path)).Count()))
            .Where(file => file.Lines > MaxLines)
            .Select(file => $"{file.Path} has {file.Lines} lines"));

    [Theory]
    [InlineData("src/Catalog.Cli")]
    [InlineData("src/Catalog")]
    [InlineData("src/Catalog.Core")]
    [InlineData("src/Catalog.Hot")]
    [InlineData("src/Catalog.Sdk")]
    [InlineData("src/Catalog.Server")]
    [InlineData("src/Catalog.Storage")]
    [InlineData("tests/Catalog.Benchmarks")]
    [InlineData("tests/Catalog.IntegrationTests")]
    [InlineData("tests/Catalog.Tests")]
    public void Lines_are_short_enough_to_read(string folder) =>
        Verdict.None(Repository.Sources(folder)
            .SelectMany(path => File.ReadLines(Repository.File(path)).Select((line, i) => (Path: path, Number: i + 1, line.Length)))
            .Where(line => line.Length > MaxColumns)
            .Select(line => $"{line.Path}:{line.Number} has {line.Length} columns"));

    /// <summary>
    /// One place may wait by the clock: integration tests poll there for what another process does. Benchmarks measure; they are not tests.
    /// </summary>
    [Fact]
    public void Tests_never_sleep()
    {
        var sleeping = Repository.Sources("tests").Where(path => Sleep().IsMatch(File.ReadAllText(Repository.File(path))));

        Verdict.None(sleeping.Where(path => path != "tests/Catalog.IntegrationTests/Eventually.cs"
            && !path.StartsWith("tests/Catalog.Benchmarks/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("await Task\n    .Delay(100);", true)]
    [InlineData("System.Threading.Thread_.Sleep (1);", true)]
    [InlineData("new DelayedTask();", false)]
    public void A_sleep_is_found(string code, bool sleeps) =>
        Assert.Equal(sleeps, Sleep().IsMatch(code.Replace("_", "", StringComparison.Ordinal)));

    [Fact]
    public void Sources_and_tests_are_found()
    {
        Assert.Contains("src/Catalog/Platform/Writes/WritePath.cs", Repository.Sources("src"), StringComparer.Ordinal);
        Assert.Contains("tests/Catalog.Tests/Architecture/SourceTests.cs", Repository.Sources("tests"), StringComparer.Ordinal);
    }

    [GeneratedRegex("""\b(Task|Thread)\s*\.\s*(Delay|Sleep)\s*\(""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sleep();
}
