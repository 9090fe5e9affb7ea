//! A broken tenant.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;

use crate::{
    office::Office,
    tenant::{TOKEN, Tenant},
};

/// How a tenant is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nobody listens.
    Refuses,
    /// It takes connections and requests and never answers.
    Hangs,
    /// It answers what no server would.
    Garbage,
}

/// A tenant that can be broken and repaired, always at the same address.
pub struct Cloud {
    folder: TempDir,
    address: SocketAddr,
    tenant: Option<Tenant>,
    impostor: Option<Impostor>,
}

impl Cloud {
    /// A tenant that works.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tenant = Tenant::start(folder.path(), SocketAddr::from(([127, 0, 0, 1], 0)), |router| router);
        Cloud {
            folder,
            address: tenant.address(),
            tenant: Some(tenant),
            impostor: None,
        }
    }

    /// What a site has to be told.
    pub fn tables(&self) -> String {
        format!(
            "[cloud]\nurl = \"http://{}\"\ntoken_file = \"token\"\ninterval_s = 1\n",
            self.address
        )
    }

    /// Opens an office that ships to it.
    pub fn office(&self) -> Office {
        Office::with(&self.tables(), |site| site.write("token", TOKEN))
    }

    /// Breaks it.
    pub fn break_down(&mut self, fault: Fault) {
        self.tenant = None;
        self.impostor = (fault != Fault::Refuses).then(|| Impostor::start(self.address, fault));
    }

    /// Makes it work again; it has forgotten nothing.
    pub fn repair(&mut self) {
        self.impostor = None;
        self.tenant = Some(Tenant::start(self.folder.path(), self.address, |router| router));
    }
}

/// Listens in the tenant's place until it is dropped.
struct Impostor {
    address: SocketAddr,
    connections: Arc<Mutex<Option<Vec<TcpStream>>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Impostor {
    fn start(address: SocketAddr, fault: Fault) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let connections = Arc::new(Mutex::new(Some(Vec::new())));
        let held = connections.clone();
        let thread = std::thread::spawn(move || {
            while let Ok((mut connection, _)) = listener.accept() {
                // Nobody to hold connections for: it has been dropped.
                let Some(held) = &mut *held.lock().unwrap() else { return };
                if fault == Fault::Garbage {
                    // The client may have gone already.
                    let _ = connection.read(&mut [0; 1024]);
                    let _ = connection.write_all(b"\x00\xff\x13\x37 this is not HTTP\r\n\r\n\xfe");
                } else {
                    held.push(connection);
                }
            }
        });
        Impostor {
            address,
            connections,
            thread: Some(thread),
        }
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        *self.connections.lock().unwrap() = None;
        // Wakes the thread, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn survives(fault: Fault, expected: &str) {
    let mut cloud = Cloud::start();
    let mut office = cloud.office();
    office.play_until("cloud", "ok");
    cloud.break_down(fault);
    // A minute of stream time brings events, so that there is something to send.
    office.play(60);
    let problem = office.play_until("cloud", "degraded");
    assert!(problem.contains(&cloud.address.to_string()), "{problem}");
    assert!(problem.contains(expected), "{problem}");
    cloud.repair();
    office.play_until("cloud", "ok");
    cloud.break_down(fault);
    office.play(60);
    office.terminate();
}

#[test]
fn a_tenant_that_refuses_connections_changes_no_sample_and_is_named_until_it_is_back() {
    survives(Fault::Refuses, "refused");
}

#[test]
fn a_tenant_that_never_answers_changes_no_sample_and_is_named_until_it_answers() {
    survives(Fault::Hangs, "timed out");
}

#[test]
fn a_tenant_that_answers_garbage_changes_no_sample_and_is_named_until_it_makes_sense() {
    survives(Fault::Garbage, "HTTP");
}
