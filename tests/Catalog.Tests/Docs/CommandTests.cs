using System.CommandLine;
using Catalog.Cli;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>Every command line that a document shows is one that the command takes.</summary>
public sealed class CommandTests
{
    private static readonly string[] Programs = ["catalog", "dotnet run --project src/Catalog.Cli --"];

    public static TheoryData<string> Documents => [.. Document.Names];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Command_lines_parse(string name)
    {
        var document = Document.Load(name);
        var lines = document.Blocks("sh").SelectMany(ShellLine.Lines).Concat(document.Inline.Where(IsWhole));
        Assert.Empty(lines.SelectMany(line => Programs
            .SelectMany(p => ShellLine.Commands(line, p)).SelectMany(args => Mistakes(args).Select(m => $"{line}: {m}"))));
    }

    [Fact]
    public void Documents_show_commands() =>
        Assert.True(Document.All.SelectMany(d => d.Blocks("sh"))
            .SelectMany(ShellLine.Lines).SelectMany(l => ShellLine.Commands(l, "catalog")).Count() > 30);

    [Theory]
    [InlineData("catalog dataset shwo lab/flights")]
    [InlineData("catalog dataset show")]
    [InlineData("run=$(catalog run start lab/train --parm trees=200)")]
    [InlineData("CATALOG_DATA=/srv catalog serve --lisen http://127.0.0.1:1 | cat")]
    [InlineData("catalog lineage up demo/flights")]
    public void A_mistaken_command_line_is_found(string line) => Assert.NotEmpty(ShellLine.Commands(line, "catalog").SelectMany(Mistakes));

    [Theory]
    [InlineData("catalog dataset tag lab/flights#delay label")]
    [InlineData("catalog dataset show demo/flights@3 --json > shown.json")]
    [InlineData("catalog dataset show --namespace s3://lake --name 'raw/clicks 50%'")]
    [InlineData("run=$(catalog run start lab/train --param trees=200)")]
    public void A_right_command_line_is_taken(string line)
    {
        var args = Assert.Single(ShellLine.Commands(line, "catalog"));
        Assert.Empty(Mistakes(args));
    }

    /// <summary>
    /// Inline code that is a whole command; <c>…</c> and <c>&lt;…&gt;</c> say that it is not, and a noun alone is spoken of, not run.
    /// </summary>
    private static bool IsWhole(string code) =>
        code.Split(' ') is [_, _, ..] && !code.Contains('…', StringComparison.Ordinal) && !code.Contains('<', StringComparison.Ordinal);

    /// <summary>Variables stay as they are written, but for <c>$position</c>: a number is read as one.</summary>
    private static IEnumerable<string> Mistakes(string[] args)
    {
        var root = CatalogCommand.Create();
        args = Array.ConvertAll(args, a => a == "$position" ? "1" : a);
        var parsed = root.Parse(RawNames.Rewrite(root, args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Select(e => e.Message)
            .Concat(parsed.CommandResult.Tokens.Where(t => t.Value.Length > 1 && t.Value[0] == '-').Select(t => $"no option '{t.Value}'"));
    }
}
