using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Cli.Policies;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Access;

/// <summary>Tests of policies pass where the gate would answer so, and say what differs where it would not.</summary>
public sealed class PolicyTestRunTests : IDisposable
{
    private const string Statements =
        """
        statements:
          - {id: read, effect: allow, principals: group:analysts, actions: read-data, resources: namespace:demo,
             purposes: analytics, when: principal.region == 'eu', expires: 2027-01-01, reason: They work on it.}
          - {id: hash, effect: mask, principals: '*', tags: pii, mask: hash, reason: Not to be read.}
          - {id: jfk, effect: filter, principals: group:interns, rows: origin = 'JFK', reason: Only theirs.}
          - {id: two, effect: require, principals: '*', actions: alias, tags: regulated, require: {approvals: 2}, reason: Two look.}
          - {id: outside, effect: deny, principals: '*', actions: read-data, tags: secret, reason: Nobody.}
        groups:
          analysts: [ada, group:interns]
          interns: [ivy]
        tests:

        """;

    private const string Question =
        "principal: ada, attributes: {region: eu}, action: read-data, resource: dataset:demo/flights@1, purpose: analytics, at: 2026-06-01";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("expect: allow, masks: {}, rows: []")]
    [InlineData("expect: allow, columns: {tail_number: [pii.id]}, masks: {tail_number: hash}")]
    [InlineData("expect: allow, columns: {tail_number: [pii]}, masks: {tail_number: hash, origin: none}")]
    [InlineData("expect: allow, tags: [pii], masks: {'*': hash}")]
    [InlineData("expect: deny, tags: [secret]")]
    public void What_the_gate_would_answer_passes(string expected) => Assert.Empty(Only($"{Question}, {expected}").Differences);

    [Theory]
    [InlineData("ivy", "expect: allow, rows: [\"origin = 'JFK'\"]")]
    [InlineData("eve", "expect: deny")]
    public void Groups_of_the_file_count(string principal, string expected) => Assert.Empty(
        Only($"{Question}, {expected}".Replace("ada", principal, StringComparison.Ordinal)).Differences);

    [Theory]
    [InlineData("expect: deny", "deny was expected, and allow came.")]
    [InlineData("expect: wait", "wait was expected, and allow came.")]
    [InlineData("expect: allow, masks: {a: year}", "the mask year of a was expected, and none came.")]
    [InlineData("expect: allow, columns: {a: [pii]}, masks: {}", "the mask none of a was expected, and hash came.")]
    [InlineData("expect: allow, tags: [pii], masks: {}", "the mask none of other columns was expected, and hash came.")]
    [InlineData("expect: allow, rows: [a < 1]", "the rows (a < 1) were expected, and all came.")]
    public void What_differs_is_told(string expected, string sentence) =>
        Assert.Equal([sentence], Only($"{Question}, {expected}").Differences);

    [Theory]
    [InlineData("purpose: analytics", "purpose: training", "purposes", "it is for analytics, and training was declared")]
    [InlineData("at: 2026-06-01", "at: 2027-01-01", "expires", "it ended at 2027-01-01T00:00:00.0000000+00:00")]
    [InlineData("region: eu", "region: us", "when", "it counts only when principal.region == 'eu'")]
    public void Near_misses_are_told(string right, string wrong, string clause, string detail)
    {
        var answer = Only($"{Question}, expect: allow".Replace(right, wrong, StringComparison.Ordinal));

        Assert.Equal(["allow was expected, and deny came."], answer.Differences);
        Assert.Equal(new NearMiss("read", clause, detail), Assert.Single(answer.Told.NearMisses));
    }

    [Theory]
    [InlineData("approvals: [steve]", "wait")]
    [InlineData("approvals: [steve, ada]", "wait")]
    [InlineData("approvals: [steve, sue]", "allow")]
    public void Approvals_of_others_are_counted(string approvals, string expected) => Assert.Empty(Only(
        $"principal: ada, role: writer, action: alias, resource: model:demo/m@1, tags: [regulated], {approvals}, expect: {expected}")
        .Differences);

    [Fact]
    public void Tests_that_do_not_say_when_ask_now()
    {
        var question = Question.Replace(", at: 2026-06-01", "", StringComparison.Ordinal);

        Assert.Empty(Only($"{question}, expect: deny", new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)).Differences);
        Assert.Empty(Only($"{question}, expect: allow", new(2026, 12, 31, 0, 0, 0, TimeSpan.Zero)).Differences);
    }

    private TestedPolicy Only(string test, DateTimeOffset now = default)
    {
        var path = _folder.Join("a.yaml");
        File.WriteAllText(path, $"{Statements}  - {{name: t, {test}}}\n");
        var policies = PolicyFiles.Read([path]);
        return new PolicyTestRun(policies, now).Answer(Assert.Single(policies.Tests));
    }
}
