using System.Diagnostics;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Search;

/// <summary>Whatever is written, in names or in questions, is text.</summary>
public sealed class TrickyTextTests(ServerFixture server)
{
    private static readonly string[] s_names =
    [
        "a/b:c", "100%", "%", "it's \"quoted\"", "back\\slash", "rocket🚀launch", "航班延误", "рейсы", "éclair_Größe", "a & b | !c",
        "$1; drop table x",
        "'", "--", "café", "رحلات", "x#y@z", "(paren",
    ];

    [Fact]
    public async Task A_name_is_found_by_itself_whatever_it_holds()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        foreach (var name in s_names)
            await search.DatasetAsync(name);

        foreach (var name in s_names)
        {
            Assert.Equal(name, (await search.NamesAsync(name)).FirstOrDefault());
            Assert.Equal(name, (await search.NamesAsync(NodeId.Dataset(search.Namespace, name).ToString())).FirstOrDefault());
        }

        Assert.Equal(["rocket🚀launch"], await search.NamesAsync("🚀"));
        Assert.Equal(["航班延误"], await search.NamesAsync("延误"));
        Assert.Equal(["рейсы"], await search.NamesAsync("РЕЙС"));
    }

    public static TheoryData<string> Questions =>
    [
        "%", "_", "\\", "%%%", "a%b", "'", "''", "\"", "' or 1=1 --", "'; drop table catalog.search_entry; --", "a & b", "a | b", "!a",
        "a <-> b",
        "a:*", ":*A", "(((", "a\0b", "\0", "\uFFFD", "\u202E", "$1", "?", "{}", "[]", "*", "🚀🚀🚀", "\t\n", "E'\\\\'", "NULL", "::tsquery",
        string.Join(' ', Enumerable.Range(0, 100).Select(i => (char)('a' + (i % 26)))),
        string.Join(' ', Enumerable.Repeat("de", 66)),
        string.Join(' ', Enumerable.Range(0, 40).Select(i => $"w{i:000}")),
        new string('x', 200),
        new string('語', 200),
        string.Concat(Enumerable.Repeat("aB", 100)),
    ];

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task A_question_is_answered_whatever_it_holds(string text)
    {
        var search = await Searched.InNewNamespaceAsync(server);
        await search.DatasetAsync("a_b");

        var started = Stopwatch.GetTimestamp();
        var answer = await search.AnswerAsync(text);

        Assert.True(answer.Code == 200 || string.IsNullOrWhiteSpace(text), answer.Text);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
        (await search.AnswerAsync("a_b")).Expect(200);
        foreach (var filter in new[] { "namespace", "tag", "owner" })
            Assert.True((await search.AnswerAsync("a", $"{filter}={Uri.EscapeDataString(text)}")).Code is 200 or 400);
    }
}
