namespace Catalog.Access;

/// <summary>What roles allow before any policy is asked: nothing that is not listed.</summary>
public static class RolePolicy
{
    private static readonly int s_acts = Enum.GetValues<Act>().Length;

    /// <summary>What is allowed is allowed thousands of times a second: by role and act, made once.</summary>
    private static readonly AccessDecision[] s_allowed =
    [
        .. from role in Enum.GetValues<Role>()
           from act in Enum.GetValues<Act>()
           select AccessDecision.Allow($"The role {Roles.Write(role)} allows {act}.") with { Statements = [$"role:{Roles.Write(role)}"] },
    ];

    public static AccessDecision Evaluate(Role role, AccessRequest request)
    {
        if (!Enum.IsDefined(role))
        {
            return AccessDecision.Deny($"There is no role {(int)role}; the roles are {Roles.List}.");
        }

        return Needed(request.Act) switch
        {
            null => AccessDecision.Deny($"No role allows the act {(int)request.Act}."),
            { } needed when role >= needed => s_allowed[((int)role * s_acts) + (int)request.Act],
            _ when role == Role.None => AccessDecision.Deny($"No policy allows {request.Principal} to {Words(request.Act)} here."),
            { } needed => AccessDecision.Deny(
                $"Only a key with the role {Roles.Write(needed)}{(needed < Role.Admin ? " or above" : "")} may {Words(request.Act)}; "
                + $"this one has the role {Roles.Write(role)}."),
        };
    }

    /// <summary>The act as people say it.</summary>
    public static string Words(Act act) => act switch
    {
        Act.Read => "look at the catalog",
        Act.ReadData => "read data",
        Act.Register => "register datasets, models and feature views",
        Act.Describe => "describe and tag datasets and feature views",
        Act.Upload => "upload files",
        Act.Commit => "make versions",
        Act.Verify => "verify versions",
        Act.Alias => "set aliases",
        Act.Retire => "retire datasets, models and feature views",
        Act.Run => "start and record runs",
        Act.Deploy => "deploy models",
        Act.ManageKeys => "manage keys",
        Act.Backup => "take a backup",
        Act.Operate => "see usage, set tiers and free storage",
        Act.Export => "export data",
        Act.Govern => "manage policies, groups and principals",
        Act.Approve => "approve what others do",
        Act.Audit => "see who may do what, and what was decided",
        Act.Hold => "place and release legal holds",
        Act.Erase => "erase the data of a subject",
        _ => "do this",
    };

    private static Role? Needed(Act act) => act switch
    {
        Act.Read or Act.ReadData => Role.Reader,
        Act.Register or Act.Describe or Act.Upload or Act.Commit or Act.Verify
            or Act.Alias or Act.Retire or Act.Run or Act.Deploy or Act.Export or Act.Approve => Role.Writer,
        Act.ManageKeys or Act.Backup or Act.Operate or Act.Govern or Act.Audit or Act.Hold or Act.Erase => Role.Admin,
        _ => null,
    };
}
