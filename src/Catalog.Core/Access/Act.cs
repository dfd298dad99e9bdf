namespace Catalog.Access;

/// <summary>
/// What someone may do. The list is closed: a route that fits none of these needs a new one, not a wider reading of an old one.
/// </summary>
public enum Act
{
    /// <summary>Look at pages, versions, file lists, runs, metrics, lineage.</summary>
    Read,

    /// <summary>Receive the data itself: files, columns, features.</summary>
    ReadData,

    /// <summary>Put a new dataset or model in the catalog, or say what a feature view or service is.</summary>
    Register,

    /// <summary>Change owner, documentation, datasheet, tags, compatibility; say which features a model version is served.</summary>
    Describe,

    /// <summary>Bring bytes into the object store.</summary>
    Upload,

    /// <summary>Make or seal a version of a dataset or model.</summary>
    Commit,

    /// <summary>Re-hash the files of a version and record the outcome.</summary>
    Verify,

    /// <summary>Point an alias at a version, or remove it.</summary>
    Alias,

    /// <summary>Take a dataset, model, feature view or service out of use, or drop a generation of features.</summary>
    Retire,

    /// <summary>Start a run, record what it read, made and measured, and end it.</summary>
    Run,

    /// <summary>Deploy a model version to an endpoint, or undeploy it; say which generation of features serves.</summary>
    Deploy,

    /// <summary>Make, list and revoke API keys.</summary>
    ManageKeys,

    /// <summary>Take a backup of everything.</summary>
    Backup,

    /// <summary>See usage and cost, declare where data is to be kept and what that costs, move it, and free what nothing uses.</summary>
    Operate,

    /// <summary>Take data away whole, to where nothing can be masked and no read can be refused any more.</summary>
    Export,

    /// <summary>Say what policies are, who is in which group, and what is known of principals.</summary>
    Govern,

    /// <summary>Approve that somebody else does something that policies make wait for it.</summary>
    Approve,

    /// <summary>See who may do what and why, and what was decided.</summary>
    Audit,

    /// <summary>Place or release a legal hold: what is held neither expires nor is it erased.</summary>
    Hold,

    /// <summary>Erase the data of a subject wherever it is.</summary>
    Erase,
}
