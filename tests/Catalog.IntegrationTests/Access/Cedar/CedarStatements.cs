using System.Collections.Immutable;
using System.Globalization;
using Catalog.Access;
using Catalog.Access.Policies;

namespace Catalog.IntegrationTests.Access.Cedar;

/// <summary>Statements and questions, made at random, each with what it is in Cedar.</summary>
internal sealed class CedarStatements(Random random)
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] s_people = ["ada", "bob", "eve"];
    private static readonly string[] s_departments = ["fraud", "it's"];
    private static readonly string[] s_signs = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly DateTimeOffset[] s_times = [Now.AddHours(-1), Now, Now.AddTicks(TimeSpan.TicksPerMillisecond), Now.AddDays(1)];
    private static readonly Purpose[] s_purposes = [Purpose.Training, Purpose.Analytics, Purpose.Audit];

    /// <summary>As they are, and as statements write them.</summary>
    private static readonly (string Plain, string Written)[] s_groups =
        [("fraud", "fraud"), ("ou=risk/eu:all", "ou=risk%2Feu%3Aall"), ("100%", "100%25"), ("everyone", "everyone")];

    /// <summary>A statement, and the same in Cedar; null where it lets nobody in or keeps nobody out.</summary>
    public (Statement Statement, string? Cedar) Statement(string id)
    {
        var effect = random.Next(10) switch
        {
            < 4 => Effect.Allow,
            < 7 => Effect.Deny,
            7 => Effect.Require,
            8 => Effect.Mask,
            _ => Effect.Filter,
        };
        var isOfData = effect is Effect.Mask or Effect.Filter;
        var tags = random.Next(2) == 0 ? Tags(depth: 2) : null;
        var when = random.Next(3) == 0 ? When(depth: 2) : null;
        var notBefore = random.Next(4) == 0 ? AnyOf(s_times) : (DateTimeOffset?)null;
        var expires = random.Next(4) == 0 ? AnyOf(s_times) : (DateTimeOffset?)null;
        var statement = new Statement(
            id, effect, Some(1, Principal), isOfData ? [] : Some(1, () => Action(effect)), random.Next(2) == 0 ? Some(1, Resource) : [],
            tags?.Ours,
            random.Next(3) == 0 ? Some(1, () => Purposes.Write(AnyOf(s_purposes))) : [], when?.Ours,
            notBefore < expires || expires is null ? notBefore : null, expires,
            [], effect == Effect.Mask ? Mask.Null : null, effect == Effect.Filter ? "x > 1" : null,
            effect == Effect.Require ? new Requirement(0, ApprovedBy: null, Purpose: true) : null, "because");
        Assert.Empty(CompiledPolicies.Check(statement));
        return (statement, isOfData ? null : Written(statement, tags, when));
    }

    /// <summary>Who asks, for what; and what Cedar has to know of who asks.</summary>
    public (AccessRequest Request, DateTimeOffset Now) Question(CedarWorld world)
    {
        var act = random.Next(5) == 0 ? AnyOf(Enum.GetValues<Act>()) : AnyOf([Act.Read, Act.ReadData, Act.Alias]);
        var request = new AccessRequest(
            AnyOf(s_people), act, random.Next(20) == 0 ? null : AnyOf(world.Nodes),
            random.Next(3) == 0 ? null : AnyOf(s_purposes), [])
        {
            Role = random.Next(4) == 0 ? AnyOf([Role.Reader, Role.Writer, Role.Admin]) : Role.None,
            Groups = Some(0, () => AnyOf(s_groups).Plain),
            Address = random.Next(3) == 0 ? null : AnyOf(["10.0.0.1", "10.0.0.2"]),
        };
        return (request, AnyOf(s_times));
    }

    /// <summary>Who is in which group, which lie in each other, and what is known of whom.</summary>
    public PolicySet People()
    {
        var set = PolicySet.Empty;
        foreach (var person in s_people)
        {
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
            if (random.Next(3) > 0)
                attributes["department"] = AnyOf(s_departments);
            if (random.Next(3) > 0)
                attributes["team"] = AnyOf(s_departments);
            if (random.Next(3) > 0)
                attributes["level"] = AnyOf(["1", "2", "3", "high"]);
            set = set.WithAttributes(person, attributes);
            for (var i = random.Next(3); i > 0; i--)
                set = set.WithMember(AnyOf(s_groups).Plain, person);
        }

        // A group lies in those behind it, so that none lies in itself.
        for (var i = 0; i < s_groups.Length - 1; i++)
        {
            if (random.Next(2) == 0)
                set = set.WithMember(s_groups[random.Next(i + 1, s_groups.Length)].Plain, $"group:{s_groups[i].Written}");
        }

        return set;
    }

    /// <summary>What is so in every case: which acts there are, and what roles allow.</summary>
    public static IEnumerable<CedarEntity> Actions() => Enum.GetValues<Act>().Select(act => new CedarEntity(
        ("Action", Acts.Write(act)),
        act is Act.Govern or Act.ManageKeys or Act.Backup ? [("Action", "all")] : [("Action", "all"), ("Action", "deniable")]));

    public static Dictionary<string, string> Roles()
    {
        string[] reads = ["read", "read-data"];
        string[] writes =
            [.. reads, .. "register describe upload commit verify alias retire run deploy export approve".Split(' ')];
        return new(StringComparer.Ordinal)
        {
            ["role:reader"] = Role("reader", $"[{string.Join(", ", reads.Select(Action))}].contains(action)"),
            ["role:writer"] = Role("writer", $"[{string.Join(", ", writes.Select(Action))}].contains(action)"),
            ["role:admin"] = Role("admin", "true"),
        };

        static string Role(string role, string acts) =>
            $"permit (principal, action, resource) when {{ context.role == \"{role}\" && {acts} }};";

        static string Action(string act) => $"Action::\"{act}\"";
    }

    /// <summary>A question as Cedar is asked it.</summary>
    public static object Written(AccessRequest request, DateTimeOffset now, PolicySet set, CedarWorld world)
    {
        var context = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["now"] = now.ToUnixTimeMilliseconds(),
            ["role"] = request.Role.ToString().ToLowerInvariant(),
        };
        if (request.Purpose is { } purpose)
            context["purpose"] = Purposes.Write(purpose);
        if (request.Address is { } address)
            context["ip"] = address;
        var attributes = set.AttributesOf(request.Principal).ToDictionary(a => a.Key, a => (object)a.Value, StringComparer.Ordinal);
        attributes["id"] = request.Principal;
        if (attributes.GetValueOrDefault("level") is string level && int.TryParse(level, CultureInfo.InvariantCulture, out var number))
            attributes["number"] = number;
        var who = new CedarEntity(
            ("Principal", request.Principal), [.. GroupsOf(set, request.Principal).Concat(request.Groups).Select(g => ("Group", g))])
        {
            Attributes = attributes,
        };
        return new
        {
            principal = new { type = "Principal", id = request.Principal },
            action = new { type = "Action", id = Acts.Write(request.Act) },
            resource = new { type = "Place", id = request.Resource?.ToString() ?? "*" },
            context,
            own = world.Entities(request.Resource).Append(who).Select(e => e.Written),
        };
    }

    public static IEnumerable<CedarEntity> Groups(PolicySet set) => s_groups.Select(g => new CedarEntity(
        ("Group", g.Plain), [.. GroupsOf(set, $"group:{g.Written}").Select(above => ("Group", above))]));

    private static IEnumerable<string> GroupsOf(PolicySet set, string member) => set.GroupsByMember.GetValueOrDefault(member, []);

    private static string Written(Statement s, SaidTwice? tags, SaidTwice? when)
    {
        List<string> all =
        [
            Any(s.Principals, p => p == "*" ? "true"
                : p.StartsWith("group:", StringComparison.Ordinal)
                    ? $"principal in Group::\"{Array.Find(s_groups, g => p == $"group:{g.Written}").Plain}\""
                : $"principal == Principal::\"{p}\""),
            Any(s.Actions, a => a == "*" ? $"action in Action::\"{(s.Effect == Effect.Allow ? "all" : "deniable")}\""
                : $"action == Action::\"{a}\""),
        ];
        if (s.Resources.Count > 0)
            all.Add(Any(s.Resources, r => $"resource in Place::\"{r}\""));
        if (tags is not null)
            all.Add(tags.Holds);
        if (s.Purposes.Count > 0)
            all.Add($"context has purpose && [{string.Join(", ", s.Purposes.Select(p => $"\"{p}\""))}].contains(context.purpose)");
        if (s.NotBefore is { } from)
            all.Add($"context.now >= {from.ToUnixTimeMilliseconds()}");
        if (s.Expires is { } until)
            all.Add($"context.now < {until.ToUnixTimeMilliseconds()}");
        if (when is not null)
            all.Add(s.Effect == Effect.Allow ? when.Holds : $"!{when.Fails}"); // an error is on the safe side
        if (s.Effect == Effect.Require)
            all.Add("!(context has purpose)");
        return $"{(s.Effect == Effect.Allow ? "permit" : "forbid")} (principal, action, resource) when {{ {string.Join(" && ", all)} }};";

        static string Any(IReadOnlyList<string> words, Func<string, string> written) => $"({string.Join(" || ", words.Select(written))})";
    }

    private string Principal() => random.Next(4) switch
    {
        0 => "*",
        1 => AnyOf(s_people),
        _ => $"group:{AnyOf(s_groups).Written}",
    };

    private string Action(Effect effect) => random.Next(4) switch
    {
        0 => "*",
        1 or 2 => AnyOf(["read", "read-data", "alias"]),
        _ => Acts.Write(AnyOf([.. Enum.GetValues<Act>().Where(a =>
            effect == Effect.Allow || a is not (Act.Govern or Act.ManageKeys or Act.Backup))])),
    };

    private string Resource()
    {
        var kind = AnyOf(["dataset", "dataset", "model", "feature-view", "job"]);
        var (ns, name) = (AnyOf(CedarWorld.Namespaces), AnyOf(CedarWorld.Names));
        return random.Next(8) switch
        {
            0 => "*",
            1 => $"namespace:{ns.Written}",
            2 => $"{AnyOf(["dataset", "model", "feature-view", "feature-service", "job", "run", "generation", "deployment"])}:*",
            3 => $"{kind}:{ns.Written}/*",
            4 => $"{AnyOf(["dataset", "model"])}:{ns.Written}/{name.Written}@{random.Next(1, CedarWorld.Versions + 2)}",
            5 => $"run:{new Guid(random.Next(1, 3), (short)NodeKind.Run, 0, new byte[8])}",
            _ => $"{kind}:{ns.Written}/{name.Written}",
        };
    }

    private SaidTwice Tags(int depth)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            return random.Next(3) switch
            {
                0 => Tags(depth - 1).And(Tags(depth - 1)),
                1 => Tags(depth - 1).Or(Tags(depth - 1)),
                _ => Tags(depth - 1).Not(),
            };
        }

        var tag = AnyOf(CedarWorld.Tags);
        return SaidTwice.Plain(tag, Bears(tag));
    }

    /// <summary>The catalog itself bears nothing.</summary>
    private static string Bears(string tag) => $"(resource has bearer && resource.bearer in Tag::\"{tag}\")";

    private SaidTwice When(int depth)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            return random.Next(3) switch
            {
                0 => When(depth - 1).And(When(depth - 1)),
                1 => When(depth - 1).Or(When(depth - 1)),
                _ => When(depth - 1).Not(),
            };
        }

        var (sign, equality) = (AnyOf(s_signs), AnyOf(["==", "!="]));
        var (tag, group, time) = (AnyOf(CedarWorld.Tags), AnyOf(s_groups).Plain, AnyOf(s_times));
        return random.Next(14) switch
        {
            0 => Of("principal.department", equality, AnyOf(s_departments)),
            1 => Of("principal.id", equality, AnyOf(s_people)),
            2 => Of("resource.kind", equality, AnyOf(["dataset", "run"])),
            3 => Of("resource.namespace", equality, AnyOf(CedarWorld.Namespaces).Plain),
            4 => Of("resource.name", equality, AnyOf(CedarWorld.Names).Plain),
            5 => SaidTwice.Compared(
                "request.purpose", "context has purpose", "context.purpose", equality, SaidTwice.Text(Purposes.Write(AnyOf(s_purposes)))),
            6 => SaidTwice.Compared("request.ip", "context has ip", "context.ip", equality, SaidTwice.Text("10.0.0.1")),
            7 => SaidTwice.Compared(
                "principal.level", "principal has number", "principal.number", sign, SaidTwice.Number(random.Next(1, 4))),
            8 => SaidTwice.Compared(
                "request.time", "true", "context.now", sign, ($"'{time:O}'", $"{time.ToUnixTimeMilliseconds()}")),
            9 => SaidTwice.Plain($"'{tag}' in resource.tags", Bears(tag)),
            10 => SaidTwice.Plain($"'{group}' in principal.groups", $"principal in Group::\"{group}\""),
            11 => SaidTwice.Compared(
                "principal.department", "(principal has department && principal has team)", "principal.department", equality,
                ("principal.team", "principal.team")),
            12 => OneOf(),
            _ => SaidTwice.Error(AnyOf(["principal.nobody == 'x'", "principal.id < 3"])),
        };

        static SaidTwice Of(string name, string sign, string text) =>
            SaidTwice.Compared(name, name.Replace(".", " has ", StringComparison.Ordinal), name, sign, SaidTwice.Text(text));
    }

    private static SaidTwice OneOf() => new(
        "principal.team in ('fraud', 'law')",
        "(principal has team && [\"fraud\", \"law\"].contains(principal.team))",
        "(principal has team && !([\"fraud\", \"law\"].contains(principal.team)))");

    private IReadOnlyList<string> Some(int least, Func<string> make) =>
        [.. Enumerable.Range(0, random.Next(least, 3)).Select(_ => make()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private T AnyOf<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
